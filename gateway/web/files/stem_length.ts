/** How much of a file's name stands before its ending; the whole of a name without one, such as `.env`. */
export function stemLength(name: string): number {
  const dot = name.lastIndexOf(".");
  return dot > 0 ? dot : name.length;
}
