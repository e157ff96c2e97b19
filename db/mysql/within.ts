/**
 * What `work` comes to, if that is within `ms` milliseconds.
 *
 * @throws what `late` makes, when it is not; what `work` comes to then is `dropped`'s.
 */
export function within<T>(ms: number, work: Promise<T>, late: () => Error, dropped: (value: T) => void = () => {}): Promise<T> {
  return new Promise((resolve, reject) => {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      reject(late());
    }, ms);
    work.then(
      (value) => {
        clearTimeout(timer);
        if (isLate) dropped(value);
        else resolve(value);
      },
      (error: unknown) => {
        clearTimeout(timer);
        reject(error);
      },
    );
  });
}
