import { changeAttempts, clearAttempts, deleteExpiredAttempts, findAttempts, uncountAttempt } from "#db/attempts.ts";
import {
  deleteDeadSessions,
  insertSession,
  isSessionLive,
  revokedSince,
  revokeSession,
  rotateRefresh,
  sessionOwner,
} from "#db/sessions.ts";
import { deleteUser, findUser, findUserByName, insertUser, touchUser, updatePasswordHash } from "#db/users.ts";

import type { Calls } from "../calls.ts";
import { idOf, light, now } from "../scene.ts";

const [hash, other] = ["0".repeat(64), "1".repeat(64)];
const attempt = { failures: 2, blockedUntil: now, expiresAt: now };
const user = { username: "new", passwordHash: hash, email: null, createdAt: now, lastActiveAt: now };

export const userCalls: Calls = {
  insertUser: ({ db }) => insertUser(db, { ...user, id: idOf("user", 90_000) }),
  findUserByName: ({ db }) => findUserByName(db, "user-7"),
  findUser: ({ db }) => findUser(db, light),
  touchUser: ({ db }) => touchUser(db, light, now, 60_000),
  updatePasswordHash: ({ db }) => updatePasswordHash(db, light, hash, other),
  insertSession: ({ db }) =>
    insertSession(db, { id: idOf("session", 90_000), userId: light, refreshHash: hash, createdAt: now, expiresAt: now + 1000 }),
  rotateRefresh: ({ db }) =>
    rotateRefresh(db, { id: idOf("session", 90_000), from: hash, to: other, at: now, expiresAt: now + 2000 }),
  isSessionLive: ({ db }) => isSessionLive(db, idOf("session", 90_000)),
  sessionOwner: ({ db }) => sessionOwner(db, idOf("session", 90_000)),
  revokeSession: ({ db }) => revokeSession(db, idOf("session", 90_000), now),
  revokedSince: ({ db }) => revokedSince(db, now - 500),
  deleteDeadSessions: ({ db }) => deleteDeadSessions(db, now - 50),
  findAttempts: ({ db }) => findAttempts(db, ["user:70", "pair:new"]),
  changeAttempts: (catalog) =>
    changeAttempts(catalog, ["user:70", "pair:new"], () => [
      { key: "user:70", ...attempt },
      { key: "pair:new", ...attempt },
    ]),
  uncountAttempt: ({ db }) => uncountAttempt(db, { key: "user:70", ...attempt }),
  clearAttempts: ({ db }) => clearAttempts(db, ["user:70", "pair:new"]),
  deleteExpiredAttempts: ({ db }) => deleteExpiredAttempts(db, now - 20),
  deleteUser: (catalog) => catalog.transaction((tx) => deleteUser(tx, light, { at: now, purgeAt: now })),
};
