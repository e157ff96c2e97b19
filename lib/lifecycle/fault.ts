/**
 * The places at which a test may end the process, to show that a new start ends in the same state. In production
 * the capability is {@link noFault}; nothing in the environment can change that.
 */
export type FaultPoint =
  | "chunk.mid-body"
  | "chunk.before-log"
  | "form.before-commit"
  | "complete.after-commit"
  | "merge.mid-hash"
  | "merge.before-commit"
  | "merge.after-commit"
  | "push.after-put"
  | "push.after-commit"
  | "purge.after-delete"
  | "fetch.after-chunk"
  | "fetch.before-close"
  | "fetch.after-close"
  | "probe.before-put"
  | "probe.after-put"
  | "probe.after-commit"
  | "copy.before-put"
  | "copy.after-put"
  | "copy.after-commit"
  | "drop.after-delete";

export type Fault = (point: FaultPoint) => void;

export const noFault: Fault = () => {};
