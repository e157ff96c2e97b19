import type { Envelope, Reply } from "./thread.ts";

declare const self: Worker;

/** The thread's side of `startThread`: answers each question by `answer`, in the order in which they come. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- a message has no type: whoever answers names it
export function answerAsked<Asked, Answer>(answer: (asked: Asked) => Promise<Answer>): void {
  const say = (reply: Reply<Answer>) => self.postMessage(reply);
  let before: Promise<void> = Promise.resolve();
  self.addEventListener("message", ({ data: { number, asked } }: MessageEvent<Envelope<Asked>>) => {
    before = before.then(async () => {
      try {
        say({ number, answer: await answer(asked) });
      } catch (error) {
        say({ number, reason: error instanceof Error ? error.message : String(error) });
      }
    });
  });
}
