/** The video that {@link posterKey} has made a key for; `null` for any other key. */
export function videoOfPoster(key: string): string | null {
  const id = /^posters\/..\/([0-9A-Z]{26})\.jpg$/.exec(key)?.[1];
  return id !== undefined && posterKey(id) === key ? id : null;
}

/** The key of a video's poster, which only that video can need. The end of an id is its random part. */
export function posterKey(videoId: string): string {
  return `posters/${videoId.slice(-2)}/${videoId}.jpg`;
}
