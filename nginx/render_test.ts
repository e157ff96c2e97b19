import { expect, test } from "bun:test";

import { renderConf } from "./render.ts";
import type { FrontValues } from "./values.ts";

const gateways = ["127.0.0.1:9001"];

test("one address is all it needs", () => {
  const conf = renderConf({ gateways });
  expect(conf).toContain("listen 127.0.0.1:8080;");
  expect(conf.match(/server 127\.0\.0\.1:9001 /g)).toHaveLength(2);
  expect(conf).not.toMatch(/\{\{|\}\}|undefined|\[object|NaN|ssl|_object/);
});

test("braces are closed, and every directive ends, with everything set", () => {
  const conf = renderConf({
    gateways: ["a:1", "[::1]:2"],
    nodes: { n1: "/srv/n1", default: "/srv/with space" },
    stores: [{ endpoint: "https://s3.example:8443" }],
    tls: { cert: "/c.pem", key: "/k.pem", listen: ["0.0.0.0:8443"] },
    statusListen: "unix:/run/s.sock",
  });
  const code = conf.replaceAll(/"[^"\n]*"|'[^'\n]*'|#.*$/gm, '""');
  expect(code.match(/\{/g)?.length).toBe(code.match(/\}/g)?.length ?? 0);
  expect(conf).toContain("return 308 https://$host:8443$request_uri;");
  expect(conf).toContain('1 "n1,default";');
  expect(conf).toContain('"~^default$" "/srv/with space";');
  expect(conf).toContain("proxy_set_header Host s3.example:8443;");
});

test("a store's port is the one of its scheme, and its Host the one that is signed", () => {
  const http = renderConf({ gateways, stores: [{ endpoint: "http://rgw:80/" }] });
  expect(http).toContain("server rgw:80;");
  expect(http).toContain("proxy_set_header Host rgw;");
  expect(http).not.toContain("proxy_ssl_verify");
  const https = renderConf({ gateways, stores: [{ endpoint: "https://rgw" }] });
  expect(https).toContain("server rgw:443;");
  expect(https).toContain("proxy_ssl_verify on;");
});

/** What would be a directive of its own, a variable, or the end of a quoted word. */
const evils = [
  "x; return 200",
  "x\nreturn 200",
  "x}",
  "$request_uri",
  "${x}",
  'x"',
  "x\\",
  "x'; #",
  "",
  " ",
  "\0",
  "x#",
  "{{x}}",
];

test.each(evils)("no value brings in %j", (evil) => {
  const wrong: [string, FrontValues][] = [
    ["listen", { gateways, listen: [`${evil}:80`] }],
    ["gateways", { gateways: [evil] }],
    ["gateways", { gateways: [`host:${evil}`] }],
    ["serverName", { gateways, serverName: evil }],
    ["tls", { gateways, tls: { cert: evil, key: "/k" } }],
    ["tls", { gateways, tls: { cert: "/c", key: evil } }],
    ["nodes", { gateways, nodes: { [evil]: "/x" } }],
    ["stores", { gateways, stores: [{ endpoint: `http://${evil}` }] }],
    ["frontProxies", { gateways, frontProxies: [evil] }],
    ["metricsAllow", { gateways, metricsAllow: [evil] }],
    ["statusListen", { gateways, statusListen: `unix:/${evil}` }],
    ["user", { gateways, user: evil }],
  ];
  for (const [name, values] of wrong) {
    // An absent socket name would be a path all the same.
    if (name === "statusListen" && evil === "") continue;
    expect(() => renderConf(values)).toThrow(name);
  }
});

test.each(['/x"; return 200', "/$uri", "/x\\", "/x\n", "", "/\u0085"])("no path is %j", (path) => {
  expect(() => renderConf({ gateways, nodes: { n1: path } })).toThrow("nodes");
  for (const name of ["pid", "tempDir", "accessLog", "errorLog"])
    expect(() => renderConf({ gateways, [name]: path })).toThrow(name);
});

test("a folder may have spaces, quotes of one kind and every script in its name", () => {
  expect(renderConf({ gateways, nodes: { n1: "/数据/it's {here}; #1/" } })).toContain(`"~^n1$" "/数据/it's {here}; #1";`);
});

test("what is out of bounds, or not known, is named", () => {
  expect(() => renderConf({ gateways: [] })).toThrow("gateways");
  expect(() => renderConf({ gateways: ["h:70000"] })).toThrow("gateways");
  expect(() => renderConf({ gateways, signInsPerSecond: 0 })).toThrow("signInsPerSecond");
  expect(() => renderConf({ gateways, statusListen: "0.0.0.0:81" })).toThrow("statusListen");
  expect(() => renderConf({ gateways, stores: [{ endpoint: "http://u:p@host" }] })).toThrow("stores");
  const misspelt = { gateways, gateway: "x" };
  expect(() => renderConf(misspelt)).toThrow("gateway");
});

test("a secret in a wrong endpoint is not told", () => {
  expect(() => renderConf({ gateways, stores: [{ endpoint: "http://key:hunter2@host" }] })).toThrow(
    expect.objectContaining({ message: expect.not.stringContaining("hunter2") }),
  );
});
