import { expect, test } from "bun:test";

import { globMatches } from "./glob.ts";

test.each([
  ["*", ""],
  ["*", "anything/at all"],
  ["*.log", "A.LOG"],
  ["a*b*c", "a-b-b-c"],
  ["video/*", "video/mp4"],
  ["?", "💾"],
  ["a**", "a"],
])("%s is what %j is", (pattern, text) => expect(globMatches(pattern, text)).toBe(true));

test.each([
  ["", "a"],
  ["?", ""],
  ["*.log", "log"],
  ["a*b*c", "a-c-b"],
  ["*.log", "a.log.gz"],
  [".", "a"],
])("%s is not what %j is", (pattern, text) => expect(globMatches(pattern, text)).toBe(false));
