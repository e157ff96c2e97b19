import { expect, test } from "bun:test";
import { isIPv4 } from "node:net";

import * as fc from "fast-check";

import { isPublicAddress } from "./public_address.ts";

test.each([
  "0.0.0.0",
  "0.1.2.3",
  "10.0.0.1",
  "100.64.0.1",
  "100.100.100.200",
  "100.127.255.255",
  "127.0.0.1",
  "127.255.255.254",
  "169.254.169.254",
  "172.16.0.1",
  "172.31.255.255",
  "192.0.0.192",
  "192.0.2.1",
  "192.88.99.1",
  "192.168.1.1",
  "198.18.0.1",
  "198.19.255.255",
  "198.51.100.7",
  "203.0.113.7",
  "224.0.0.1",
  "239.255.255.255",
  "240.0.0.1",
  "255.255.255.255",
  "168.63.129.16",
  "::",
  "::1",
  "::127.0.0.1",
  "::ffff:127.0.0.1",
  "::ffff:8.8.8.8",
  "::ffff:7f00:1",
  "::ffff:0:127.0.0.1",
  "64:ff9b::7f00:1",
  "64:ff9b::808:808",
  "64:ff9b:1::a00:1",
  "100::1",
  "2001::1",
  "2001:0:4136:e378:8000:63bf:3fff:fdd2",
  "2001:2::1",
  "2001:10::1",
  "2001:20::1",
  "2001:db8::1",
  "2002:7f00:1::",
  "2002:808:808::1",
  "3fff::1",
  "5f00::1",
  "fc00::1",
  "fd00:ec2::254",
  "fe80::1",
  "fe80::1%eth0",
  "2a00:1450::1%eth0",
  "fec0::1",
  "ff02::1",
  "",
  "localhost",
  "8.8.8",
  "08.8.8.8",
  "8.8.8.8/32",
])("%s is none of the public ones", (address) => {
  expect(isPublicAddress(address)).toBe(false);
});

test.each([
  "1.1.1.1",
  "8.8.8.8",
  "9.255.255.255",
  "11.0.0.0",
  "100.63.255.255",
  "100.128.0.0",
  "126.255.255.255",
  "128.0.0.1",
  "169.253.255.255",
  "172.15.255.255",
  "172.32.0.0",
  "192.167.255.255",
  "198.17.255.255",
  "198.20.0.0",
  "223.255.255.255",
  "2001:200::1",
  "2001:4860:4860::8888",
  "2a00:1450:4001:80b::200e",
  "2606:4700::1111",
  "3ffe::1",
])("%s is public", (address) => {
  expect(isPublicAddress(address)).toBe(true);
});

const octet = fc.integer({ min: 0, max: 255 });
const ipv4 = fc.tuple(octet, octet, octet, octet).map((octets) => octets.join("."));

test("no spelling of an IPv4 address in IPv6 is public, whatever it stands for", () => {
  fc.assert(
    fc.property(ipv4, fc.constantFrom("::", "::ffff:", "::ffff:0:", "64:ff9b::", "64:ff9b:1::"), (address, prefix) => {
      expect(isPublicAddress(prefix + address)).toBe(false);
      const [a = 0, b = 0, c = 0, d = 0] = address.split(".").map(Number);
      const hex = (high: number, low: number) => (high * 256 + low).toString(16);
      expect(isPublicAddress(`2002:${hex(a, b)}:${hex(c, d)}::1`)).toBe(false);
    }),
  );
});

/** The registry once more, as numbers. */
const special: [string, number][] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.31.196.0", 24],
  ["192.52.193.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["192.175.48.0", 24],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 3],
  ["168.63.129.16", 32],
];
const numberOf = (address: string) => address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
const isSpecial = (address: string) =>
  special.some(([network, bits]) => {
    const size = 2 ** (32 - bits);
    return Math.floor(numberOf(address) / size) === Math.floor(numberOf(network) / size);
  });

test("an IPv4 address is public exactly when it lies in none of the registry's networks", () => {
  const near = fc.tuple(fc.constantFrom(...special), fc.integer({ min: -2, max: 2 })).map(([[network, bits], step]) => {
    const at = (((numberOf(network) + step * 2 ** (32 - bits) - (step < 0 ? 1 : 0)) % 2 ** 32) + 2 ** 32) % 2 ** 32;
    return [24, 16, 8, 0].map((shift) => Math.floor(at / 2 ** shift) % 256).join(".");
  });
  fc.assert(
    fc.property(fc.oneof(ipv4, near), (address) => {
      expect(isIPv4(address)).toBe(true);
      expect(isPublicAddress(address)).toBe(!isSpecial(address));
    }),
    { numRuns: 2000 },
  );
});
