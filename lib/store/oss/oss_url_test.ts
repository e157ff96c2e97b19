import { expect, test } from "bun:test";

import { AppError } from "../../errors/mod.ts";
import { parseOssUrl } from "./oss_url.ts";

const minimal = "oss:https://KEY:HUSH@oss-cn-hangzhou.aliyuncs.com/sluice";
const usual = `${minimal}?region=cn-hangzhou`;

function failure(url: string): string {
  try {
    parseOssUrl(url);
  } catch (error) {
    expect(error).toBeInstanceOf(AppError);
    expect(error).toMatchObject({ code: "invalid-request" });
    return String(error);
  }
  return "it was taken";
}

test("fills in what is not said", () => {
  expect(parseOssUrl(usual)).toEqual({
    endpoint: "https://oss-cn-hangzhou.aliyuncs.com",
    bucket: "sluice",
    accessKeyId: "KEY",
    accessKeySecret: "HUSH",
    region: "cn-hangzhou",
    signature: "v4",
    pathStyle: false,
    partBytes: 16 * 2 ** 20,
    parallel: 4,
    answerTimeout: 10_000,
    idleTimeout: 30_000,
  });
});

test("reads every parameter", () => {
  const parameters =
    "region=oss-cn-beijing&signature=v1&internal=https://oss-cn-beijing-internal.aliyuncs.com&pathStyle=true&caFile=/etc/ca.pem&prefix=a/b/&partBytes=64MiB&parallel=8&answerTimeout=2s&idleTimeout=1m&securityToken=T%2BK";
  expect(parseOssUrl(`OSS:http://KEY:SECRET@localhost:8080/sluice?${parameters}`)).toMatchObject({
    endpoint: "http://localhost:8080",
    internal: "https://oss-cn-beijing-internal.aliyuncs.com",
    region: "cn-beijing",
    signature: "v1",
    pathStyle: true,
    caFile: "/etc/ca.pem",
    prefix: "a/b",
    partBytes: 64 * 2 ** 20,
    parallel: 8,
    answerTimeout: 2000,
    idleTimeout: 60_000,
    securityToken: "T+K",
  });
});

test("takes key and secret percent-encoded, or a file of them", () => {
  const credentials = ["K/+@:%", "se/cr+et@:%é"] as const;
  const url = `oss:https://${credentials.map(encodeURIComponent).join(":")}@host/sluice?region=r`;
  expect(parseOssUrl(url)).toMatchObject({ accessKeyId: credentials[0], accessKeySecret: credentials[1] });
  expect(parseOssUrl("oss:https://host/sluice?region=r&credentialsFile=/run/sts.json")).toMatchObject({
    credentialsFile: "/run/sts.json",
  });
});

test("needs no region for V1", () => {
  expect(parseOssUrl(`${minimal}?signature=v1`)).toMatchObject({ signature: "v1" });
});

test.each([
  ["oss:", "must be oss:https://KEY:SECRET@host"],
  ["oss://KEY:HUSH@host/sluice?region=r", "must be oss:https://KEY:SECRET@host"],
  ["oss:ftp://KEY:HUSH@host/sluice?region=r", "endpoint"],
  ["oss:http://KEY:HUSH@127.0.0.1/sluice?region=r", "endpoint must be http:// or https:// with a host's name"],
  ["oss:http://KEY:HUSH@[::1]:80/sluice?region=r", "endpoint must be http:// or https:// with a host's name"],
  ["oss:https://host/sluice?region=r", "accessKeyId"],
  ["oss:https://KEY@host/sluice?region=r", "accessKeySecret"],
  ["oss:https://KEY:HU%SH@host/sluice?region=r", "%25"],
  ["oss:https://KEY:HUSH@host/?region=r", "bucket"],
  ["oss:https://KEY:HUSH@host/Sluice?region=r", "bucket"],
  ["oss:https://KEY:HUSH@host/a.b?region=r", "bucket"],
  ["oss:https://KEY:HUSH@host/a/b?region=r", "bucket"],
  [minimal, "region is missing"],
  [`${usual}&regoin=x`, "regoin"],
  [`${usual}&region=a`, "region is given twice"],
  [`${usual}&bucket=other`, "bucket is given twice"],
  [`${usual}&signature=v2`, "signature"],
  [`${usual}&internal=https://10.0.0.1`, "internal"],
  [`${usual}&internal=https://KEY:HUSH@host`, "internal"],
  [`${usual}&pathStyle=yes`, "pathStyle"],
  [`${usual}&partBytes=99KiB`, "partBytes"],
  [`${usual}&partBytes=6GiB`, "partBytes"],
  [`${usual}&parallel=0`, "parallel"],
  [`${usual}&prefix=../x`, "prefix"],
  [`${usual}&answerTimeout=soon`, "answerTimeout"],
  [`${usual}&credentialsFile=/run/sts.json`, "credentialsFile"],
])("refuses %s, and says what is wrong but not the secret", (url, named) => {
  const message = failure(url);
  expect(message).toContain("STORE_URL: ");
  expect(message).toContain(named);
  expect(message).not.toMatch(/HU|SH/);
});
