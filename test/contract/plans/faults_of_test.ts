import { expect, test } from "bun:test";

import { faultsOf } from "./faults_of.ts";

const whole = "reads a whole table or index";
const sorts = "sorts or gathers beside the index";

test.each([
  ["SCAN files", [whole]],
  ["SCAN files USING COVERING INDEX files_list", [whole]],
  ["SEARCH files USING INDEX files_list (user_id=?); USE TEMP B-TREE FOR LAST TERM OF ORDER BY", [sorts]],
  ["SEARCH files USING COVERING INDEX files_list (user_id=?)", []],
  ["files ALL (Using where)", [whole]],
  ["files index PRIMARY (Using where)", [whole]],
  ["files index_merge a,b (Using sort_union(a,b); Using where)", []],
  ["files ref files_list (Using index condition; Using where)", []],
  ["files ref files_sha1 (Using where; Using filesort)", [sorts]],
  ["files const PRIMARY; 5 × dependent subquery: blobs ALL", [whole]],
])("%s", (plan, found) => {
  expect(faultsOf(plan)).toEqual(found);
});
