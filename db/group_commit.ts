import type { Database } from "bun:sqlite";
import { setImmediate } from "node:timers";

/** As many writes share a commit at most: all of them wait for the last. */
const mostTogether = 100;

/** Gives a write its turn. @param isStatement of one alone, which by itself is done or not done. */
export type Exclusively = <T>(run: () => Promise<T>, isStatement?: boolean) => Promise<T>;

interface Write {
  /** @returns what tells that it is committed. */
  run: () => Promise<() => void>;
  reject: (reason: unknown) => void;
  isStatement: boolean;
}

/**
 * Runs writes one after the other, those of one turn of the event loop and those that came during the commit before in one
 * transaction: a commit waits for the disk, and takes longer than all that a small write does. Each stands or falls by itself,
 * and what it gives is given once all is committed. It may be run twice, so let it change nothing but rows.
 *
 * @param onCommit called before anybody is told.
 */
export function groupCommit(database: Database, onCommit: () => void): Exclusively {
  const waiting: Write[] = [];
  let isAtWork = false;

  async function work(): Promise<void> {
    while (waiting.length > 0) await commitSome(database, waiting, onCommit);
    isAtWork = false;
  }

  function begin(): void {
    if (isAtWork) return;
    isAtWork = true;
    setImmediate(() => void work());
  }

  return <T>(run: () => Promise<T>, isStatement = false) => {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    waiting.push({ run: async () => resolve.bind(null, await run()), reject, isStatement });
    begin();
    return promise;
  };
}

/** Takes writes from the front, also such as come meanwhile. Where they fail as a whole, each is tried by itself. */
async function commitSome(database: Database, waiting: Write[], onCommit: () => void): Promise<void> {
  const taken: Write[] = [];
  const told: (() => void)[] = [];
  try {
    database.run("BEGIN IMMEDIATE");
    for (let write = waiting.shift(); write !== undefined; write = taken.length < mostTogether ? waiting.shift() : undefined) {
      taken.push(write);
      told.push(await runOne(database, write));
    }
    database.run("COMMIT");
  } catch (error) {
    if (database.inTransaction) database.run("ROLLBACK");
    if (taken.length > 1) return await commitEach(database, taken, onCommit);
    for (const { reject } of taken.length === 1 ? taken : waiting.splice(0)) reject(error);
    return;
  } finally {
    onCommit();
  }
  for (const tell of told) tell();
}

async function commitEach(database: Database, writes: Write[], onCommit: () => void): Promise<void> {
  for (const write of writes) await commitSome(database, [write], onCommit);
}

/** @returns what tells its outcome. @throws what ended the whole transaction, as a full disk does. */
async function runOne(database: Database, { run, reject, isStatement }: Write): Promise<() => void> {
  const inSavepoint = (...statements: string[]) => {
    if (!isStatement) for (const statement of statements) database.query(statement).run();
  };
  inSavepoint("SAVEPOINT one");
  try {
    const tell = await run();
    inSavepoint("RELEASE one");
    return tell;
  } catch (error) {
    if (!database.inTransaction) throw error;
    inSavepoint("ROLLBACK TO one", "RELEASE one");
    return () => reject(error);
  }
}
