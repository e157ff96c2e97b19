import { expect } from "bun:test";

import type { ProblemJson } from "./client.ts";

/** Asserts that an answer is a problem document of one of `codes` that tells nothing of the inside. @returns its code. */
export async function expectProblem(
  answer: Response | { status: number; text: string } | null,
  ...codes: string[]
): Promise<string> {
  const text = answer instanceof Response ? await answer.text() : (answer?.text ?? "");
  const problem: ProblemJson = JSON.parse(text);
  expect(codes).toContain(problem.code);
  expect(problem.status).toBe(answer?.status ?? 0);
  expectNothingInside(text);
  return problem.code;
}

/** No answer may tell a stack, a path of this machine or a query. */
export function expectNothingInside(text: string): void {
  expect(text).not.toMatch(/\bat .+:\d+:\d+|\.ts\b|\/tmp\/|node_modules|select |insert into|ENOSPC|ENOENT|SQLITE_/i);
}

/** Nothing that the process wrote says that something went by unhandled, or that it failed at what nobody foresaw. */
export function expectCalm(output: string): void {
  expect(output).not.toMatch(/unhandled|uncaught|panic|"code":"internal"|"level":(50|60)/i);
}
