import { expect, test } from "bun:test";

import { signV4, stringToSignV4 } from "./sign_v4.ts";
import { queryOf } from "./signed_request.ts";

// The expected values are those of the tests of Aliyun's own SDKs (Go, PHP, C++, Android): an account "ak" with secret "sk".
const base = {
  method: "PUT",
  bucket: "bucket",
  key: "1234+-/123/1.txt",
  query: queryOf("?param1=value1&%7Cparam1=value4&%2Bparam1=value3&%2Bparam2=&%7Cparam2=&param2="),
};
const headers = {
  "x-oss-head1": "value",
  abc: "value",
  zabc: "value",
  xyz: "value",
  "content-type": "text/plain",
  "x-oss-content-sha256": "UNSIGNED-PAYLOAD",
};

function signature(timestamp: string, further: Record<string, string>, additionalHeaders: string[] = []): string {
  const request = { ...base, headers: new Map(Object.entries({ ...headers, "x-oss-date": timestamp, ...further })) };
  const scope = { timestamp, region: "cn-hangzhou", additionalHeaders };
  return signV4("sk", scope, stringToSignV4(request, scope));
}

test("signs a header", () => {
  expect(signature("20231216T162057Z", {})).toBe("e21d18daa82167720f9b1047ae7e7f1ce7cb77a31e8203a7d5f4624fa0284afe");
});

test("signs a security token", () => {
  const token = { "x-oss-security-token": "token" };
  expect(signature("20231217T034736Z", token)).toBe("b94a3f999cf85bcdc00d332fbd3734ba03e48382c36fa4d5af5df817395bd9ea");
});

test("signs additional headers", () => {
  expect(signature("20231216T172512Z", {}, ["abc", "zabc"])).toBe(
    "4a4183c187c07c8947db7620deb0a6b38d9fbdd34187b6dbaccb316fa251212f",
  );
});

test("signs a URL, whose own parameters are part of it", () => {
  const query = new Map<string, string | null>([
    ...base.query,
    ["x-oss-signature-version", "OSS4-HMAC-SHA256"],
    ["x-oss-date", "20231217T034736Z"],
    ["x-oss-expires", "599"],
    ["x-oss-credential", "ak/20231217/cn-hangzhou/oss/aliyun_v4_request"],
    ["x-oss-signature", "is not signed"],
  ]);
  const scope = { timestamp: "20231217T034736Z", region: "cn-hangzhou", additionalHeaders: [] };
  const text = stringToSignV4({ ...base, query, headers: new Map(Object.entries(headers)) }, scope);
  expect(signV4("sk", scope, text)).toBe("c79e8654f07e7361c4c6eb02cdb500c1e65888d7dc38affe1f92dc388b2402c4");
});
