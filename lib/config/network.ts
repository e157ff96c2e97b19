import { isIP } from "node:net";

/** Whether `text` is an IP address, or a network of them in CIDR notation (RFC 4632): `10.0.0.0/8`, `fd00::/8`. */
export function isNetwork(text: string): boolean {
  const [ip = "", bits, ...rest] = text.split("/");
  const version = isIP(ip);
  // A zone (`fe80::1%eth0`) means something on one machine only.
  if (version === 0 || ip.includes("%") || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128));
}
