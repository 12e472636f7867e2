import { createHash } from "node:crypto";
import { networkOf } from "../http/network.ts";

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
