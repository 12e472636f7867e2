import { reason } from "../stack/start-error.ts";

/** `localhost` may be either, and browsers try both. */
const LOOPBACK: readonly string[] = ["127.0.0.1", "::1"];

/** What listening fails with where a machine does not have the address, or not the protocol. */
const NOT_HERE = ["EADDRNOTAVAIL", "EAFNOSUPPORT"];

/** Where a stack listens: both loopback addresses, unless a host was chosen. The first of them must exist. */
export const addressesOf = (host: string | undefined): readonly string[] =>
  host === undefined || host === "localhost" ? LOOPBACK : [host];

export const isNotHere = (error: unknown): boolean => NOT_HERE.includes(reason(error));
