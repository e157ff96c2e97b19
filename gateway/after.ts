/**
 * What `then` makes of a value: now where the value is there, when it comes where it is promised.
 *
 * For what every small request passes: most of it is there at once (a token that is known, a row that is remembered), and
 * each `async` function around it costs a quarter to half a microsecond of the ten that such a request may take.
 */
export function after<T, R>(value: T | Promise<T>, then: (value: T) => R | Promise<R>): R | Promise<R> {
  return value instanceof Promise ? value.then(then) : then(value);
}
