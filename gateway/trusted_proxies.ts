import { BlockList, isIPv4, isIPv6 } from "node:net";

/**
 * Whose word is taken for what a request's header says of its client and of the front.
 *
 * @param networks addresses, or networks in CIDR notation, as the configuration has checked them.
 * @returns whether a peer's address is one of theirs. An IPv4 address in its IPv6 form (`::ffff:127.0.0.1`, as a socket that
 *   listens on `::` tells it) counts as what it stands for.
 */
export function trustedProxies(networks: string[]): (peer: string) => boolean {
  if (networks.length === 0) return () => false;
  const trusted = new BlockList();
  for (const network of networks) {
    const [ip = "", bits] = network.split("/");
    const family = isIPv4(ip) ? "ipv4" : "ipv6";
    trusted.addSubnet(ip, Number(bits ?? (family === "ipv4" ? 32 : 128)), family);
  }
  // Nearly all connections are the front's, and to check an address costs a microsecond.
  let last: { peer: string; isTrusted: boolean } | undefined;
  return (peer) => {
    if (last?.peer !== peer) last = { peer, isTrusted: isOneOf(trusted, peer) };
    return last.isTrusted;
  };
}

function isOneOf(trusted: BlockList, peer: string): boolean {
  const ip = peer.replace(/^::ffff:(?=\d+\.)/i, "");
  if (isIPv4(ip)) return trusted.check(ip, "ipv4");
  return isIPv6(ip) && trusted.check(ip, "ipv6");
}
