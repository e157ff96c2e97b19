import { expect, test } from "bun:test";

import { isRefusal, parseUrl, refusal } from "./refusal.ts";

const url = new URL("amqp://alice:p%40ss%25@broker:5672/drive");

test.each([
  [new Error("Handshake terminated by server: 403 (ACCESS-REFUSED)"), "refuses the password of user alice"],
  [new Error("Expected ConnectionOpenOk; got <ConnectionClose channel:0>"), 'no vhost "drive"'],
  [Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" }), "broker:5672: ECONNREFUSED"],
  [new Error("cannot use amqp://alice:p%40ss%25@broker, or p@ss%"), "[redacted]"],
])("names the variable, the place and the reason, never the password: %s", (error, reason) => {
  const refused = refusal(url, error);
  expect(refused.message).toStartWith("AMQP_URL: no connection to RabbitMQ at broker:5672: ");
  expect(refused.message).toContain(reason);
  for (const secret of ["p%40ss%25", "p@ss%"]) expect(refused.message + String(refused.cause)).not.toContain(secret);
});

test("takes a password with a percent sign of its own", () => {
  expect(refusal(new URL("amqp://alice:100%@broker"), new Error("gone")).message).toContain("gone");
});

test("does not repeat what is no URL", () => {
  let message = "";
  try {
    parseUrl("amqp://alice:secret@[broker");
  } catch (error) {
    message = String(error);
  }
  expect(message).toContain("AMQP_URL");
  expect(message).not.toContain("alice:secret");
});

test("tells what would be refused again from what may go well on another connection", () => {
  const refused = Object.assign(new Error("406 (PRECONDITION-FAILED)"), { code: 406 });
  const lost = Object.assign(new Error("reset"), { code: "ECONNRESET" });
  const failed = Object.assign(new Error("541 (INTERNAL-ERROR)"), { code: 541 });
  expect([refused, lost, failed, new Error("ended"), 406, null].map(isRefusal)).toEqual([
    true,
    false,
    false,
    false,
    false,
    false,
  ]);
});
