import { expect, test } from "bun:test";

import { AppError } from "../../errors/mod.ts";
import { parseS3Url } from "./s3_url.ts";

const minimal = "s3:http://KEY:HUSH@127.0.0.1:9000/sluice";

function failure(url: string): string {
  try {
    parseS3Url(url);
  } catch (error) {
    expect(error).toBeInstanceOf(AppError);
    expect(error).toMatchObject({ code: "invalid-request" });
    return String(error);
  }
  return "it was taken";
}

test("fills in what is not said", () => {
  expect(parseS3Url(minimal)).toEqual({
    endpoint: "http://127.0.0.1:9000",
    bucket: "sluice",
    accessKeyId: "KEY",
    secretAccessKey: "HUSH",
    region: "us-east-1",
    pathStyle: true,
    partBytes: 16 * 2 ** 20,
    parallel: 4,
    answerTimeout: 10_000,
    idleTimeout: 30_000,
  });
});

test("reads every parameter", () => {
  const parameters =
    "region=eu-west-1&pathStyle=false&caFile=/etc/ca.pem&prefix=a/b/&partBytes=64MiB&parallel=8&answerTimeout=2s&idleTimeout=1m&publicEndpoint=https://files.example.org:8443";
  expect(parseS3Url(`S3:https://KEY:SECRET@host/sluice?${parameters}`)).toMatchObject({
    endpoint: "https://host",
    region: "eu-west-1",
    pathStyle: false,
    caFile: "/etc/ca.pem",
    prefix: "a/b",
    partBytes: 64 * 2 ** 20,
    parallel: 8,
    answerTimeout: 2000,
    idleTimeout: 60_000,
    publicEndpoint: "https://files.example.org:8443",
  });
});

test("takes key and secret percent-encoded", () => {
  const credentials = [String.raw`K/+@:%`, "se/cr+et@:%é"] as const;
  const url = `s3:http://${credentials.map(encodeURIComponent).join(":")}@host/sluice`;
  expect(parseS3Url(url)).toMatchObject({ accessKeyId: credentials[0], secretAccessKey: credentials[1] });
});

test.each([
  ["s3:", "must be s3:http://KEY:SECRET@host"],
  ["s3://KEY:HUSH@host/sluice", "must be s3:http://KEY:SECRET@host"],
  ["s3:ftp://KEY:HUSH@host/sluice", "endpoint"],
  ["s3:http://host/sluice", "accessKeyId"],
  ["s3:http://KEY@host/sluice", "secretAccessKey"],
  ["s3:http://KEY:HU%SH@host/sluice", "%25"],
  ["s3:http://KEY:HU/SH@host/sluice", "must be s3:http://KEY:SECRET@host"],
  ["s3:http://KEY:12/HUSH@host/sluice", "secretAccessKey"],
  ["s3:http://KEY:HUSH@host", "bucket"],
  ["s3:http://KEY:HUSH@host/", "bucket"],
  ["s3:http://KEY:HUSH@host/Sluice", "bucket"],
  ["s3:http://KEY:HUSH@host/a/b", "bucket"],
  [`${minimal}?regoin=x`, "regoin"],
  [`${minimal}?accessKeyId=x`, "accessKeyId is given twice"],
  [`${minimal}?region=a&region=b`, "region is given twice"],
  [`${minimal}?region=`, "region"],
  [`${minimal}?pathStyle=yes`, "pathStyle"],
  [`${minimal}?partBytes=4MiB`, "partBytes"],
  [`${minimal}?partBytes=6GiB`, "partBytes"],
  [`${minimal}?parallel=0`, "parallel"],
  [`${minimal}?prefix=../x`, "prefix"],
  [`${minimal}?answerTimeout=soon`, "answerTimeout"],
  [`${minimal}?idleTimeout=0s`, "idleTimeout"],
  [`${minimal}?publicEndpoint=https://host/path`, "publicEndpoint"],
  [`${minimal}?publicEndpoint=https://KEY:SECRET@host`, "publicEndpoint"],
])("refuses %s, and says what is wrong but not the secret", (url, named) => {
  const message = failure(url);
  expect(message).toContain("STORE_URL: ");
  expect(message).toContain(named);
  expect(message).not.toMatch(/HU|SH/);
});
