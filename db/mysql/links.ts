import { createPool, type PoolConnection } from "mysql2";

import type { Address } from "./address.ts";
import { connectFailure, Failure } from "./failure.ts";
import { createLink, type Link } from "./link.ts";
import { settings } from "./settings.ts";
import { within } from "./within.ts";

export interface LinksOptions {
  /** Connections at most. */
  limit: number;
  /** For each statement, and for waiting until a connection is free. */
  timeoutMs: number;
  /** Whether the server shall refuse writes. */
  readOnly?: boolean;
}

/** A pool of connections to one server. */
export interface Links {
  /**
   * Runs `run` on a connection that nobody else uses meanwhile. One that failed is not used again.
   *
   * @throws {Failure} `refused`, `late`, `busy` or `denied` when there is no connection to be had.
   */
  use<T>(run: (link: Link) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Those who wait longer in line than the line is long would wait in vain. */
const queueLimit = 1000;
const connectMs = 3000;
const closeMs = 2000;

export function createLinks({ uri }: Address, { limit, timeoutMs, readOnly = false }: LinksOptions): Links {
  const connectTimeout = Math.min(connectMs, timeoutMs);
  const options = { supportBigNumbers: true, timezone: "Z", charset: "utf8mb4_bin", connectTimeout };
  const pool = createPool({ uri, connectionLimit: limit, ...options });
  const links = new WeakMap<PoolConnection, Link>();
  const open = new Set<PoolConnection>();
  let waiting = 0;

  const connect = () =>
    new Promise<PoolConnection>((resolve, reject) => {
      pool.getConnection((error, connection) => (error ? reject(error) : resolve(connection)));
    });

  /** Makes a new connection one of ours; it is used by nobody else while that runs. */
  async function welcome(connection: PoolConnection): Promise<Link> {
    open.add(connection);
    for (const event of ["error", "end"]) connection.on(event, () => open.delete(connection));
    const link = createLink(connection, timeoutMs);
    links.set(connection, link);
    for (const statement of settings({ timeoutMs, readOnly })) await link.run(statement, [], "execute");
    return link;
  }

  async function take(): Promise<{ connection: PoolConnection; link: Link }> {
    if (waiting >= queueLimit) throw new Failure("busy", new Error(`${waiting} wait for a connection already`));
    waiting++;
    try {
      const noneFree = () => new Failure("late", new Error(`no connection was free within ${timeoutMs} ms`));
      const connection = await within(timeoutMs, connect(), noneFree, (late) => late.release());
      try {
        return { connection, link: links.get(connection) ?? (await welcome(connection)) };
      } catch (error) {
        drop(connection);
        throw error;
      }
    } catch (error) {
      throw connectFailure(error);
    } finally {
      waiting--;
    }
  }

  function drop(connection: PoolConnection): void {
    open.delete(connection);
    connection.destroy();
  }

  return {
    use: async (run) => {
      const { connection, link } = await take();
      try {
        return await run(link);
      } finally {
        if (link.failure) drop(connection);
        else connection.release();
      }
    },
    close: async () => {
      const ended = new Promise<void>((resolve, reject) => pool.end((error) => (error ? reject(error) : resolve())));
      // A server that does not answer cannot be taken leave of.
      await within(closeMs, ended, () => new Error("late")).catch(() => {
        for (const connection of open) connection.destroy();
      });
    },
  };
}
