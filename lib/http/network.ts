import { isIPv4, isIPv6, SocketAddress } from "node:net";

/** What SocketAddress writes before an IPv4 address that is mapped into IPv6: RFC 4291, 2.5.5.2. */
const MAPPED = "::ffff:";
const GROUPS = 8;
const GROUPS_OF_NETWORK = 4;

/** An IPv4 address, also one that is mapped into IPv6, as it is; of another IPv6 address its /64. */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  const { address: canonical } = new SocketAddress({ address, family: "ipv6" });
  const mapped = canonical.slice(MAPPED.length);
  if (canonical.startsWith(MAPPED) && isIPv4(mapped)) return mapped;
  const [front = [], back = []] = canonical.split("::").map((part) => part.split(":").filter((group) => group !== ""));
  const zeros = Array<string>(GROUPS - front.length - back.length).fill("0");
  return [...front, ...zeros, ...back].slice(0, GROUPS_OF_NETWORK).join(":");
}
