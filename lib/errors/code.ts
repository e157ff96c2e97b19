/**
 * Every way in which Sluice says no: the closed list behind the `code` of a problem document. The status of
 * each stands in `gateway/problem.ts`, which does not compile while one is missing.
 */
export type Code =
  // what was asked is malformed
  | "invalid-request"
  | "invalid-name"
  | "url-refused"
  | "wrong-chunk-size"
  | "incomplete-body"
  | "method-not-allowed"
  | "too-large"
  // who asks
  | "unauthorized"
  | "bad-credentials"
  | "bad-signature"
  | "forbidden"
  | "password-required"
  | "too-many-attempts"
  | "too-many-streams"
  | "too-many-downloads"
  // what is not there
  | "not-found"
  | "not-instant"
  | "no-such-upload"
  | "share-expired"
  // what stands in the way
  | "username-taken"
  | "name-taken"
  | "upload-closed"
  | "incomplete"
  | "chunk-conflict"
  | "chunk-preempted"
  | "checksum-mismatch"
  | "sha1-mismatch"
  | "sha1-collision"
  | "precondition-failed"
  | "range-not-satisfiable"
  // what the server of a URL does
  | "source-refused"
  | "source-failed"
  // what the drive cannot do now
  | "no-space"
  | "unavailable"
  | "content-lost"
  | "internal";
