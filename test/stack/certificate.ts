import { existsSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { runCommand } from "./run_command.ts";

/** What servers of a stack show to clients that come by TLS, and who vouches for it: paths of PEM files. */
export interface Certificate {
  ca: string;
  cert: string;
  key: string;
}

/** Longer than any stack lives. */
const days = "3650";
const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];

/** Where a folder's certificate lies, once {@link makeCertificate} has made it. */
export function certificateOf(dir: string): Certificate {
  const at = (name: string) => join(dir, "tls", name);
  return { ca: at("ca.pem"), cert: at("cert.pem"), key: at("key.pem") };
}

/**
 * Makes a folder's certificate, where it has none: for `localhost`, signed by an authority of its own. Made aside, then
 * renamed: what was killed midway is never taken for one.
 */
export async function makeCertificate(dir: string): Promise<Certificate> {
  const certificate = certificateOf(dir);
  if (existsSync(certificate.cert)) return certificate;
  const aside = join(dir, "tls.new");
  await rm(aside, { recursive: true, force: true });
  await mkdir(aside, { mode: 0o700 });
  const at = (name: string) => join(aside, name);
  const req = (...args: string[]) => runCommand(["openssl", "req", ...newKey, ...args]);
  await req("-x509", "-days", days, "-subj", "/CN=Sluice test authority", "-keyout", at("ca.key"), "-out", at("ca.pem"));
  await req("-subj", "/CN=localhost", "-keyout", at("key.pem"), "-out", at("request.pem"));
  await writeFile(at("extensions"), "subjectAltName=DNS:localhost\n");
  const signedBy = ["-CA", at("ca.pem"), "-CAkey", at("ca.key"), "-CAcreateserial", "-days", days];
  const request = ["-req", "-in", at("request.pem"), "-extfile", at("extensions")];
  await runCommand(["openssl", "x509", ...request, ...signedBy, "-out", at("cert.pem")]);
  await rename(aside, join(dir, "tls"));
  return certificate;
}
