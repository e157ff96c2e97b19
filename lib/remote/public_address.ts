import { BlockList, isIPv4, isIPv6 } from "node:net";

// IANA IPv4 Special-Purpose Address Registry (RFC 6890), all of it: what little of it is globally reachable (relays and
// sinks by anycast) serves no files. And the address at which Azure answers its own machines, which is in no registry.
const specialIpv4 = [
  "0.0.0.0/8", // "this network"
  "10.0.0.0/8", // private use
  "100.64.0.0/10", // shared address space (carriers' NAT; metadata of Alibaba Cloud)
  "127.0.0.0/8", // loopback
  "169.254.0.0/16", // link local (metadata of most clouds)
  "172.16.0.0/12", // private use
  "192.0.0.0/24", // IETF protocol assignments
  "192.0.2.0/24", // documentation
  "192.31.196.0/24", // AS112
  "192.52.193.0/24", // AMT
  "192.88.99.0/24", // 6to4 relay
  "192.168.0.0/16", // private use
  "192.175.48.0/24", // AS112
  "198.18.0.0/15", // benchmarking
  "198.51.100.0/24", // documentation
  "203.0.113.0/24", // documentation
  "224.0.0.0/4", // multicast
  "240.0.0.0/4", // reserved, broadcast
  "168.63.129.16/32", // Azure
];

// Of IPv6 only global unicast counts (RFC 4291, 2.4; IANA has given out 2000::/3), so that loopback, mapped and
// translated IPv4 (::ffff:0:0/96, 64:ff9b::/96), link local, unique local, multicast and whatever comes are out; and of it
// nothing of the IPv6 Special-Purpose Address Registry.
const globalIpv6 = "2000::/3";
const specialIpv6 = [
  "2001::/23", // IETF protocol assignments: Teredo, benchmarking, ORCHID, …
  "2001:db8::/32", // documentation
  "2002::/16", // 6to4: an IPv4 address in disguise
  "2620:4f:8000::/48", // AS112
  "3fff::/20", // documentation
];

const special = networks([...specialIpv4, ...specialIpv6]);
const global6 = networks([globalIpv6]);

/** Whether an address is one of the public Internet: a global unicast one, and none of a special purpose. */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !special.check(address, "ipv4");
  return isIPv6(address) && !address.includes("%") && global6.check(address, "ipv6") && !special.check(address, "ipv6");
}

/** A list of addresses and of networks in CIDR notation. */
export function networks(entries: string[]): BlockList {
  const list = new BlockList();
  for (const entry of entries) {
    const [ip = "", bits] = entry.split("/");
    const family = isIPv4(ip) ? "ipv4" : "ipv6";
    list.addSubnet(ip, Number(bits ?? (family === "ipv4" ? 32 : 128)), family);
  }
  return list;
}
