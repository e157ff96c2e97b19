import { expect, test } from "bun:test";

import { signV1, stringToSignV1 } from "./sign_v1.ts";
import { queryOf } from "./signed_request.ts";

/** The account of every example in Aliyun's documentation. */
const secret = "OtxrzxIsfpFjA7SwPzILwy8Bw21TLhquhboDYROV";
const date = "Thu, 17 Nov 2005 18:49:58 GMT";

test("signs the documented example of a header", () => {
  const request = {
    method: "PUT",
    headers: new Map([
      ["content-md5", "ODBGOERFMDMzQTczRUY3NUE3NzA5QzdFNUYzMDQxNEM="],
      ["content-type", "text/html"],
      ["host", "oss-example.oss-cn-hangzhou.aliyuncs.com"],
      ["x-oss-meta-author", " foo@bar.com"],
      ["x-oss-magic", "abracadabra"],
    ]),
    bucket: "oss-example",
    key: "nelson",
    query: queryOf(""),
  };
  const text = stringToSignV1(request, date);
  expect(text).toBe(
    "PUT\nODBGOERFMDMzQTczRUY3NUE3NzA5QzdFNUYzMDQxNEM=\ntext/html\nThu, 17 Nov 2005 18:49:58 GMT\n" +
      "x-oss-magic:abracadabra\nx-oss-meta-author:foo@bar.com\n/oss-example/nelson",
  );
  expect(signV1(secret, text)).toBe("26NBxoKdsyly4EDv6inkoDft/yA=");
});

test("signs the documented example of a URL", () => {
  const request = { method: "GET", headers: new Map(), bucket: "oss-example", key: "oss-api.pdf", query: queryOf("") };
  const text = stringToSignV1(request, "1141889120");
  expect(text).toBe("GET\n\n\n1141889120\n/oss-example/oss-api.pdf");
  expect(signV1(secret, text)).toBe("EwaNTn1erJGkimiJ9WmXgwnANLc=");
});

test.each([
  ["?uploads", "/b/k?uploads"],
  ["?uploads=&prefix=a&max-uploads=10", "/b/k?uploads"],
  ["?uploadId=ID&partNumber=1&x=1", "/b/k?partNumber=1&uploadId=ID"],
  ["?response-content-type=text%2Fplain&acl", "/b/k?acl&response-content-type=text/plain"],
  ["?Expires=1&OSSAccessKeyId=A&Signature=x%3D", "/b/k"],
])("of the query %s signs what is a sub-resource, decoded and in order", (search, resource) => {
  const request = { method: "GET", headers: new Map(), bucket: "b", key: "k", query: queryOf(search) };
  expect(stringToSignV1(request, date)).toBe(`GET\n\n\n${date}\n${resource}`);
});

test.each([
  [null, null, "/"],
  ["b", null, "/b/"],
])("the resource of bucket %p and key %p is %p", (bucket, key, resource) => {
  const request = { method: "GET", headers: new Map(), bucket, key, query: queryOf("") };
  expect(stringToSignV1(request, date)).toEndWith(`\n${resource}`);
});
