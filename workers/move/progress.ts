/** How far a move has come. */
export interface MoveProgress {
  doneBytes: number;
  totalBytes: number;
  copiesLeft: number;
  /** Of those, how many wait for a person. */
  parked: number;
}

const barWidth = 30;
/** Where nobody looks at it, a line now and then is enough. */
const lineEveryMs = 10_000;

/** Shows progress: a bar that is drawn over itself on a terminal, else a line each ten seconds. */
export function progressWriter(
  write: (text: string) => void,
  isTerminal: boolean,
): (progress: MoveProgress, isLast: boolean) => void {
  let lineAt = performance.now();
  return (progress, isLast) => {
    if (isTerminal) return write(`\r\u001b[K${bar(progress)}${isLast ? "\n" : ""}`);
    if (!isLast && performance.now() < lineAt + lineEveryMs) return;
    lineAt = performance.now();
    write(`${text(progress)}\n`);
  };
}

/** From 0 to 1; nothing to do is all done. */
export function shareOf({ doneBytes, totalBytes, copiesLeft }: MoveProgress): number {
  if (copiesLeft === 0) return 1;
  return totalBytes === 0 ? 0 : Math.min(1, Math.max(0, doneBytes / totalBytes));
}

function bar(progress: MoveProgress): string {
  const filled = Math.round(shareOf(progress) * barWidth);
  return `[${"#".repeat(filled)}${".".repeat(barWidth - filled)}] ${text(progress)}`;
}

function text(progress: MoveProgress): string {
  const { doneBytes, totalBytes, copiesLeft, parked } = progress;
  const waiting = parked > 0 ? `, ${parked} of them wait for a person (parked)` : "";
  return `${Math.floor(shareOf(progress) * 100)} %, ${mebibytes(doneBytes)} of ${mebibytes(totalBytes)} MiB, ${copiesLeft} left${waiting}`;
}

function mebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1);
}
