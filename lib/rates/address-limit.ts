import { LIMITS } from "../contract/limits.ts";
import { knownAddress, type Origin } from "../http/client-address.ts";
import type { Reply, Request, Route } from "../http/http.ts";
import { networkOf } from "../http/network.ts";
import type { Clock } from "../runtime/clock.ts";
import { GoTalkError, InvalidToken } from "../runtime/errors.ts";
import { LocalRate, type Rate } from "./rate.ts";

/**
 * A route behind {@link AddressLimit.guard}.
 *
 * @param network The network that the request is counted for, as {@link AddressLimit.consumeHash} takes it.
 */
export type GuardedRoute = (request: Request, network: string | undefined) => Promise<Reply>;

/**
 * Bounds what an address may cost without a valid token: logins, registrations, and tokens that are none. Counted in the
 * memory of each running function, so that a refusal costs no call. An address that cannot be known is not bounded: it
 * would be CloudFront's, which stands for everybody behind it.
 *
 * Over HTTP, valid tokens are never refused for their address. Many people share one behind a NAT, and one of them must not shut out
 * the others; their requests are counted by user, see `user-limit.ts`.
 */
export class AddressLimit {
  readonly #requests: LocalRate;
  readonly #originSecret: string | undefined;

  /** @param originSecret The secret that CloudFront sends with each request, see `client-address.ts`. */
  constructor(rate: Rate, originSecret: string | undefined, now: Clock) {
    this.#requests = new LocalRate({ ...rate, kept: LIMITS.address.kept }, now);
    this.#originSecret = originSecret;
  }

  /**
   * Makes a route that knows the client's address, and answers 429 and not 401 to one that has shown too many invalid
   * tokens.
   */
  guard(route: GuardedRoute): Route {
    return async (request) => {
      const { address, network } = this.whereFrom(request);
      try {
        return await route({ ...request, address }, network);
      } catch (error) {
        if (error instanceof InvalidToken) this.#consume(network, 1);
        throw error;
      }
    };
  }

  /**
   * To be called before a password is hashed for a caller without a token.
   *
   * @param earlierUserId Of a client that shows a token of an earlier login of the user whom it wants to log in. It has as
   * many of its own: strangers behind the same address do not keep it out. Past them it counts for its network as all do.
   * @throws {GoTalkError} `too_many_requests`: The network has asked for too many.
   */
  consumeHash(network: string | undefined, earlierUserId?: string): void {
    if (earlierUserId !== undefined && this.#requests.consume(userKey(earlierUserId), LIMITS.address.hash) === 0)
      return;
    this.#consume(network, LIMITS.address.hash);
  }

  /**
   * Where a request comes from, without a network if the client's own address cannot be known. Of a WebSocket only the request
   * that opens it tells: its frames come without headers.
   */
  whereFrom(origin: Origin): { readonly address: string; readonly network: string | undefined } {
    const known = knownAddress(origin, this.#originSecret);
    return { address: known ?? origin.address, network: known && networkOf(known) };
  }

  /**
   * To be called before a WebSocket is opened, and before a frame is read of one that has not authenticated. It takes
   * nothing, so that clients that authenticate take nothing off those behind the same address.
   *
   * @throws {GoTalkError} `too_many_requests`: The network has sent too many that {@link AddressLimit.consumeFrame} counts.
   */
  requireRoom(network: string | undefined): void {
    if (network === undefined) return;
    const wait = this.#requests.wait(network, LIMITS.address.frame);
    if (wait > 0) throw new GoTalkError("too_many_requests", { retryAfter: wait });
  }

  /** Counts a frame that was no valid proof, of a WebSocket that has not authenticated. */
  consumeFrame(network: string | undefined): void {
    if (network !== undefined) this.#requests.consume(network, LIMITS.address.frame);
  }

  #consume(network: string | undefined, tokens: number): void {
    if (network === undefined) return;
    const wait = this.#requests.consume(network, tokens);
    if (wait > 0) throw new GoTalkError("too_many_requests", { retryAfter: wait });
  }
}

/** No address looks like it. */
const userKey = (userId: string): string => `user ${userId}`;
