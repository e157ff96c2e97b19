// RFC 6761, 6.3: names under localhost are the machine itself. RFC 6762: those under local are of the link. RFC 8375 and ICANN's
// resolution of 2024: home.arpa and internal are everybody's own; clouds call their metadata servers so.
const privateZones = /(^|\.)(localhost|localdomain|local|internal|home\.arpa)$/;

/**
 * Whether a host's name means this machine or some network of one's own wherever it is asked, so that no name server has to
 * say so. So does one without a dot, which is of whatever domain the machine searches (RFC 7085: of the public ones none
 * should be so used).
 *
 * @param hostname as the WHATWG parser gives it, of a URL whose host is no address.
 */
export function isPrivateName(hostname: string): boolean {
  const name = hostname.replace(/\.$/, "");
  return !name.includes(".") || privateZones.test(name);
}
