/** The key of a video's poster, which only that video can need. The end of an id is its random part. */
export function posterKey(videoId: string): string {
  return `posters/${videoId.slice(-2)}/${videoId}.jpg`;
}
