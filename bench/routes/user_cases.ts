import { signUp } from "../../test/support/client.ts";
import type { Shot } from "../load/load_job.ts";
import { expectJson, expectSame } from "./expect.ts";
import { password } from "./password.ts";
import type { Answered, RouteCase } from "./route_case.ts";
import { many, shotOf } from "./shots.ts";

const signedIn = (answer: Answered, username: string) =>
  expectJson(answer, { user: { username }, expiresIn: tokenSeconds(answer) });
/** What of passwords is checked takes a core for some 25 ms each: so few make a run. */
const passwordCount = 24;

/** Accounts and tokens. */
export const userCases: RouteCase[] = [
  {
    route: "POST /user",
    seed: async ({ willSignUp }) => ({
      kind: "each",
      status: 201,
      count: passwordCount,
      shots: async (count) =>
        Array.from({ length: count }, () => {
          const username = newUser();
          willSignUp(username);
          return shotOf(null, "POST", "/user", { username, password });
        }),
      check: (answer, { body = "" }) => {
        const { username }: { username: string } = JSON.parse(body);
        signedIn(answer, username);
      },
    }),
  },
  {
    route: "POST /user/{username}",
    seed: async ({ user }) => {
      const { username } = await user();
      const shot = shotOf(null, "POST", `/user/${username}`, { password });
      const shots = async (count: number) => Array.from({ length: count }, () => shot);
      return { kind: "each", count: passwordCount, status: 200, shots, check: (answer) => void signedIn(answer, username) };
    },
  },
  {
    route: "GET /user/{username}",
    roundTrip: "select",
    seed: async ({ user }) => {
      const client = await user();
      const { username } = client;
      await client.upload("a.txt", Buffer.from("a"));
      const shot = shotOf(client, "GET", `/user/${username}`);
      return { kind: "repeat", status: 200, shot, check: (answer) => void expectJson(answer, { username, files: 1, bytes: 1 }) };
    },
  },
  {
    route: "DELETE /user/{username}",
    roundTrip: "insert",
    seed: async ({ url }) => ({
      kind: "each",
      status: 204,
      count: passwordCount,
      shots: (count) =>
        many(count, async () => {
          const client = await signUp(url, newUser(), password);
          return shotOf(client, "DELETE", `/user/${client.username}`);
        }),
      check: (_, shot) => mustBeSignedOut(url, shot),
    }),
  },
  {
    route: "POST /token/refresh",
    roundTrip: "insert",
    seed: async ({ user }) => {
      const { username } = await user();
      return {
        kind: "chain",
        status: 200,
        field: "refreshToken",
        shots: async (count) =>
          await many(count, async () => {
            const { refreshToken } = await user();
            return shotOf(null, "POST", "/token/refresh", { refreshToken });
          }),
        check: (answer, { body = "" }) => {
          const { refreshToken } = expectJson(answer, { expiresIn: tokenSeconds(answer) });
          if (body.includes(String(refreshToken))) throw new Error(`the refresh token of ${username} is the old one`);
        },
      };
    },
  },
  {
    route: "DELETE /token",
    roundTrip: "insert",
    seed: async ({ url, user }) => ({
      kind: "each",
      status: 204,
      count: passwordCount,
      shots: (count) => many(count, async () => shotOf(await user(), "DELETE", "/token")),
      check: (_, shot) => mustBeSignedOut(url, shot),
    }),
  },
];

function newUser(): string {
  return `bench-${crypto.randomUUID().slice(0, 18)}`;
}

/** How long the token of a sign-in says it is good, which is the drive's to choose. */
function tokenSeconds({ body }: Answered): number {
  const { expiresIn, token, refreshToken }: Record<string, unknown> = JSON.parse(Buffer.from(body).toString());
  expectSame("the type of the tokens", [typeof token, typeof refreshToken], ["string", "string"]);
  if (typeof expiresIn !== "number" || expiresIn <= 0) throw new Error(`expiresIn is ${String(expiresIn)}`);
  return expiresIn;
}

/** Every gateway refuses a token within a second of its end. */
async function mustBeSignedOut(url: string, { headers }: Shot): Promise<void> {
  for (const end = performance.now() + 5000; performance.now() < end; await Bun.sleep(100)) {
    const { status } = await fetch(`${url}/file/query`, { headers });
    if (status === 401) return;
  }
  throw new Error("the token is still good after 5 s");
}
