/** Names of one vendor's fields, by what follows its prefix. */
function prefixed(prefix: string, names: string): string[] {
  return names.split(" ").map((name) => `${prefix}${name}`);
}

/**
 * What a store says of an object, where the gateway has said it already or nobody is to know. nginx hides fields by their whole
 * names only, so these are those that S3, RGW and OSS are documented to send.
 */
export const hiddenFields: string[] = [
  ...prefixed("", "Accept-Ranges Cache-Control Expires ETag Last-Modified Server Set-Cookie Strict-Transport-Security Vary Via"),
  ...prefixed("Content-", "Type Disposition Language Encoding MD5 Security-Policy"),
  ...prefixed("Access-Control-", "Allow-Origin Allow-Credentials Allow-Methods Expose-Headers Max-Age"),
  ...prefixed("X-", "Cache Content-Type-Options Frame-Options Request-Id Trans-Id XSS-Protection"),
  ...prefixed("X-RGW-", "Object-Type Request-Id Object-Count Bytes-Used"),
  ...prefixed(
    "x-amz-",
    "id-2 request-id version-id delete-marker expiration restore storage-class replication-status archive-status",
  ),
  ...prefixed("x-amz-", "request-charged website-redirect-location mp-parts-count tagging-count missing-meta meta-sha256"),
  ...prefixed("x-amz-object-lock-", "mode retain-until-date legal-hold"),
  ...prefixed("x-amz-checksum-", "crc32 crc32c crc64nvme sha1 sha256 type"),
  ...prefixed("x-amz-server-side-encryption", " -aws-kms-key-id -bucket-key-enabled -customer-algorithm -customer-key-MD5"),
  ...prefixed("x-oss-", "request-id object-type storage-class hash-crc64ecma server-time version-id server-side-encryption ec"),
  ...prefixed("x-oss-", "meta-sha256 force-download expiration tagging-count server-side-encryption-key-id"),
];
