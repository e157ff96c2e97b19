import { randomBytes } from "node:crypto";

/** Lower case alone, and without 0, 1, i, l and o: a code may be read out, or typed from paper. */
const alphabet = "23456789abcdefghjkmnpqrstuvwxyz";
/** Of 31 letters each: 69 bits. */
const length = 14;

/** A new share's code, from the system's random source: nobody guesses one, and no two are the same. */
export function newCode(): string {
  let code = "";
  // What is past the last whole round of the alphabet would make its first letters likelier.
  const usable = 256 - (256 % alphabet.length);
  while (code.length < length) {
    for (const byte of randomBytes(length)) if (byte < usable && code.length < length) code += alphabet[byte % alphabet.length];
  }
  return code;
}

/** Whether `text` has the shape of a code. */
export function isCode(text: string): boolean {
  return /^[2-9a-hjkmnp-z]{14}$/.test(text);
}
