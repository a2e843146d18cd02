/** An IP address in the form that sockets show it in: of IPv6 the shortest (RFC 5952), whatever a vendor writes. */
export function plainAddress(address: string): string {
  if (!address.includes(":")) return address;
  return new URL(`http://[${address}]`).hostname.slice(1, -1);
}
