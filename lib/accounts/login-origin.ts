import { createHash } from "node:crypto";
import { isIPv4, isIPv6, SocketAddress } from "node:net";

/** What SocketAddress writes before an IPv4 address that is mapped into IPv6: RFC 4291, 2.5.5.2. */
const MAPPED = "::ffff:";
const GROUPS = 8;
const GROUPS_OF_NETWORK = 4;

/**
 * Where logins with a username come from, as it is stored: a hash, so that no address is. The username is part of it, so
 * that it does not tell which users share an address.
 *
 * @param address An IP address. An IPv6 one stands for its /64, the least that a site is given, out of which one host takes
 * as many addresses as it likes: RFC 6177 and RFC 4291, 2.5.4.
 */
export const originOf = (username: string, address: string): string =>
  createHash("sha256")
    .update(`${username} ${networkOf(address)}`)
    .digest("base64url");

/**
 * The device that an earlier session of the user stands for, as it is stored.
 *
 * @param sessionId Of that session. No address looks like it.
 */
export const deviceOriginOf = (username: string, sessionId: string): string =>
  createHash("sha256").update(`${username} device ${sessionId}`).digest("base64url");

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
