import { timingSafeEqual } from "node:crypto";

import { OssError } from "./oss_error.ts";
import { signV1, stringToSignV1 } from "./sign_v1.ts";
import { scopeText, signV4, stringToSignV4, v4Algorithm } from "./sign_v4.ts";
import type { SignedRequest } from "./signed_request.ts";

/** Who may use the server. With a token it is a temporary account of STS, whose requests must carry the token. */
export interface Account {
  accessKeyId: string;
  accessKeySecret: string;
  securityToken?: string;
}

export interface Authority {
  accounts: Account[];
  region: string;
  /** Epoch milliseconds. */
  now(): number;
}

/** "If the difference between the value of Date and the time of the OSS server is greater than 15 minutes": 403. */
const skewMs = 15 * 60_000;

/** @throws {OssError} unless the request is signed, in its head or its URL, by V1 or V4, by an account, at this time. */
export function authorize(request: SignedRequest, authority: Authority): void {
  const { headers, query } = request;
  const authorization = headers.get("authorization");
  const isSignedUrl = query.has("OSSAccessKeyId") || query.has("x-oss-signature-version");
  if (authorization !== undefined && isSignedUrl) {
    throw new OssError(400, "InvalidArgument", "Only one auth mechanism allowed");
  }
  if (authorization?.startsWith("OSS ")) return headerV1(request, authority, authorization);
  if (authorization?.startsWith(`${v4Algorithm} `)) return headerV4(request, authority, authorization);
  if (authorization !== undefined) throw new OssError(400, "InvalidArgument", "Authorization header is invalid.");
  if (query.has("OSSAccessKeyId")) return urlV1(request, authority);
  if (query.has("x-oss-signature-version")) return urlV4(request, authority);
  throw new OssError(403, "AccessDenied", "You have no right to access this object because of bucket acl.");
}

function headerV1(request: SignedRequest, authority: Authority, authorization: string): void {
  const [, accessKeyId = "", provided = ""] = /^OSS ([^:]+):(.+)$/.exec(authorization) ?? [];
  if (provided === "") throw new OssError(400, "InvalidArgument", "Authorization header is invalid.");
  // "x-oss-date" stands in for a Date that a client cannot set.
  const date = request.headers.get("x-oss-date") ?? request.headers.get("date") ?? "";
  notSkewed(Date.parse(date), authority);
  const account = accountOf(accessKeyId, request.headers.get("x-oss-security-token"), authority);
  const text = stringToSignV1(request, date);
  compare({ provided, expected: signV1(account.accessKeySecret, text), text, accessKeyId });
}

function urlV1(request: SignedRequest, authority: Authority): void {
  const get = (name: string) => request.query.get(name) ?? "";
  const [expires, accessKeyId, provided] = [get("Expires"), get("OSSAccessKeyId"), get("Signature")];
  if (!/^\d+$/.test(expires) || provided === "")
    throw new OssError(403, "AccessDenied", "A parameter of the signature is missing");
  if (authority.now() > Number(expires) * 1000)
    throw new OssError(403, "AccessDenied", "Request has expired.", { Expires: expires });
  const account = accountOf(accessKeyId, get("security-token") || undefined, authority);
  const text = stringToSignV1(request, expires);
  compare({ provided, expected: signV1(account.accessKeySecret, text), text, accessKeyId });
}

function headerV4(request: SignedRequest, authority: Authority, authorization: string): void {
  const fields = new Map(
    authorization
      .slice(v4Algorithm.length + 1)
      .split(",")
      .map((field) => field.trim().split(/=(.*)/s, 2) as [string, string]),
  );
  const timestamp = request.headers.get("x-oss-date") ?? "";
  notSkewed(timeOf(timestamp), authority);
  const additional = fields.get("AdditionalHeaders") ?? "";
  const credential = fields.get("Credential") ?? "";
  const token = request.headers.get("x-oss-security-token");
  checkV4(request, authority, { timestamp, credential, additional, token, provided: fields.get("Signature") ?? "" });
}

function urlV4(request: SignedRequest, authority: Authority): void {
  const get = (name: string) => request.query.get(name) ?? "";
  const timestamp = get("x-oss-date");
  const [begin, now] = [timeOf(timestamp), authority.now()];
  const seconds = Number(get("x-oss-expires"));
  // "The validity period: 1 to 604800 seconds".
  if (!(seconds >= 1 && seconds <= 604_800))
    throw new OssError(400, "AuthorizationQueryParametersError", "X-Oss-Expires is invalid");
  if (begin > now + skewMs) throw new OssError(403, "AccessDenied", "Request is not valid yet.");
  if (now > begin + seconds * 1000) throw new OssError(403, "AccessDenied", "Request has expired.");
  const [additional, credential, provided] = [get("x-oss-additional-headers"), get("x-oss-credential"), get("x-oss-signature")];
  checkV4(request, authority, { timestamp, credential, additional, token: get("x-oss-security-token") || undefined, provided });
}

interface V4Claim {
  timestamp: string;
  credential: string;
  additional: string;
  token: string | undefined;
  provided: string;
}

function checkV4(request: SignedRequest, authority: Authority, claim: V4Claim): void {
  const { timestamp, credential, additional, token, provided } = claim;
  const [accessKeyId = "", ...scoped] = credential.split("/");
  const additionalHeaders = additional.split(";").filter(Boolean);
  const scope = { timestamp, region: authority.region, additionalHeaders };
  if (scoped.join("/") !== scopeText(scope)) {
    throw new OssError(400, "InvalidArgument", `The credential's scope must be ${scopeText(scope)}`);
  }
  const account = accountOf(accessKeyId, token, authority);
  const text = stringToSignV4(request, scope);
  compare({ provided, expected: signV4(account.accessKeySecret, scope, text), text, accessKeyId });
}

function timeOf(timestamp: string): number {
  const [, y, mo, d, h, mi, s] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(timestamp) ?? [];
  return Date.parse(`${y}-${mo}-${d}T${h}:${mi}:${s}Z`);
}

function notSkewed(time: number, authority: Authority): void {
  // "If Date is not input into the header or the format is incorrect": 403 AccessDenied.
  if (Number.isNaN(time)) throw new OssError(403, "AccessDenied", "OSS authentication requires a valid Date.");
  if (Math.abs(authority.now() - time) <= skewMs) return;
  throw new OssError(403, "RequestTimeTooSkewed", "The difference between the request time and the current time is too large.");
}

function accountOf(accessKeyId: string, token: string | undefined, { accounts }: Authority): Account {
  const account = accounts.find((each) => each.accessKeyId === accessKeyId);
  if (account === undefined) {
    throw new OssError(403, "InvalidAccessKeyId", "The OSS Access Key Id you provided does not exist in our records.");
  }
  if (account.securityToken === token) return account;
  throw new OssError(403, "InvalidSecurityToken", "The security token you provided is invalid.");
}

interface Comparison {
  provided: string;
  expected: string;
  text: string;
  accessKeyId: string;
}

function compare({ provided, expected, text, accessKeyId }: Comparison): void {
  const [a, b] = [Buffer.from(provided), Buffer.from(expected)];
  if (a.length === b.length && timingSafeEqual(a, b)) return;
  const message =
    "The request signature we calculated does not match the signature you provided. Check your key and signing method.";
  const details = { SignatureProvided: provided, StringToSign: text, OSSAccessKeyId: accessKeyId };
  throw new OssError(403, "SignatureDoesNotMatch", message, details);
}
