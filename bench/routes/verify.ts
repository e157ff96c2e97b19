import type { Shot } from "../load/load_job.ts";
import { ask } from "./ask.ts";
import { type Answered, type Ground, nameOf, type Plan, type RouteCase } from "./route_case.ts";

/** A case whose first answer was right. */
export interface Verified {
  plan: Plan;
  shot: Shot;
  answer: Answered;
}

/** Seeds a case, sends one request of it, and checks the answer. @throws {Error} that names the case, when it is not right. */
export async function verify(routeCase: RouteCase, ground: Ground): Promise<Verified> {
  try {
    const plan = await routeCase.seed(ground);
    const shot = await firstShot(plan);
    const answer = await ask(ground.url, shot, plan.kind === "stream");
    if (answer.status !== plan.status)
      throw new Error(`it is ${answer.status}, must be ${plan.status}: ${Buffer.from(answer.body).toString().slice(0, 500)}`);
    await plan.check(answer, shot);
    return { plan, shot, answer };
  } catch (error) {
    throw new Error(`the answer to ${nameOf(routeCase)} is wrong: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

async function firstShot(plan: Plan): Promise<Shot> {
  const shot = "shot" in plan ? plan.shot : (await plan.shots(1))[0];
  if (!shot) throw new Error("there is no request to send");
  return shot;
}
