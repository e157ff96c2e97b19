/** The polynomial of ECMA-182 with its bits reversed, as CRC-64/XZ and OSS use it: the highest bit is the coefficient of x^0. */
const polynomial = 0xc96c5795d7870f42n;
const [one, x] = [1n << 63n, 1n << 62n];

/**
 * The CRC-64 of spans of bytes, one behind the other, from the CRC-64 of each: no byte is read. Of two it is
 * `first · x^(8·size of the second) + second` modulo the polynomial; that begin and end of a CRC are inverted cancels out.
 * Of nothing it is 0.
 */
export function joinCrc64s(spans: { crc64: bigint; size: number }[]): bigint {
  const powers = new Map<number, bigint>();
  let joined = 0n;
  for (const { crc64, size } of spans) {
    // Parts of one file are of one size but for the last.
    const factor = powers.get(size) ?? power(8n * BigInt(size));
    powers.set(size, factor);
    joined = multiply(factor, joined) ^ crc64;
  }
  return joined;
}

/** x to the n-th, modulo the polynomial, by squaring. */
function power(n: bigint): bigint {
  let [result, square] = [one, x];
  for (let rest = n; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = multiply(square, result);
    square = multiply(square, square);
  }
  return result;
}

function multiply(a: bigint, b: bigint): bigint {
  let [product, shifted] = [0n, b];
  for (let bit = one; bit > 0n; bit >>= 1n) {
    if (a & bit) product ^= shifted;
    shifted = shifted & 1n ? (shifted >> 1n) ^ polynomial : shifted >> 1n;
  }
  return product;
}
