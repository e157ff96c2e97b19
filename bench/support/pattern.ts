const patternBytes = 16 * 2 ** 20;
const zeroBytes = 64 * 2 ** 20;

/** Bytes that do not compress and are the same in every process: where the bodies of the bench are cut from. */
export function makePattern(): Uint8Array<ArrayBuffer> {
  const words = new Uint32Array(patternBytes / 4);
  let word = 0x9e3779b9;
  for (let i = 0; i < words.length; i++) {
    // xorshift32 (Marsaglia, 2003)
    word ^= word << 13;
    word ^= word >>> 17;
    word ^= word << 5;
    words[i] = word;
  }
  return new Uint8Array(words.buffer);
}

/** As many zeros as the largest chunk has. */
export function makeZeros(): Uint8Array<ArrayBuffer> {
  return new Uint8Array(zeroBytes);
}
