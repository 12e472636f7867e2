import { LIMITS } from "../contract/limits.ts";
import { parseBody } from "../http/body.ts";
import type { Origin } from "../http/client-address.ts";
import { toGoTalkError } from "../http/http.ts";
import { ProofFrame, TypingFrame, validate } from "../http/schemas.ts";
import type { AddressLimit } from "../rates/address-limit.ts";
import { LocalRate } from "../rates/rate.ts";
import { bestEffort } from "../runtime/best-effort.ts";
import type { Clock } from "../runtime/clock.ts";
import { GoTalkError, invalidRequest } from "../runtime/errors.ts";
import { channelKey } from "../runtime/ids.ts";
import { log } from "../runtime/log.ts";
import { RecentMap } from "../runtime/recent-map.ts";
import { identify } from "../tokens/caller.ts";
import type { SessionCheck } from "../tokens/session-check.ts";
import type { Tokens } from "../tokens/tokens.ts";
import { close } from "./close.ts";
import type { Connections, Holder } from "./connections.ts";
import { type Frame, textOf } from "./live-frames.ts";
import type { LiveGateway } from "./live-gateway.ts";
import { post } from "./post.ts";
import type { Typing } from "./typing.ts";

interface Parts {
  readonly tokens: Tokens;
  readonly sessionCheck: SessionCheck;
  readonly connections: Connections;
  readonly addressLimit: AddressLimit;
  readonly gateway: LiveGateway;
  /** Tells whether messages wait on a channel, by its key. */
  readonly waiting: { isWaiting(channel: string): Promise<boolean> };
  readonly typing: Pick<Typing, "relay">;
  readonly now: Clock;
}

/** A frame of a client, as API Gateway passes it on. */
export interface ClientFrame {
  readonly connectionId: string;
  readonly body: Buffer;
  /** How old the connection was when the frame came, in milliseconds. */
  readonly age: number;
  /** Names the frame in the log, and to the client if it is refused. */
  readonly requestId: string;
}

/*
 * The life of a WebSocket connection:
 *
 * - Anybody may connect. Nothing is stored, and nothing waits for the connection: API Gateway closes it by itself when it
 *   has said nothing for 10 minutes.
 * - Its first frame, {"token","id"}, is its proof, which authenticates it. The URL holds no token, because proxies log URLs.
 *   The connection is stored, and answered `ready`.
 * - From then on it gets {"type":"wake"} when something waits, or the message itself, see `live-frames.ts`. {"type":"ping"}
 *   keeps it from being closed as idle, and its answer says whether something waits: so a wake that was lost is found.
 * - {"type":"typing","toId"} says that its user is typing, and is passed on: see `typing.ts`. It is not answered.
 * - A frame that comes after `LIMITS.live.proofTime` is taken of authenticated connections alone, and closes any other.
 * - Whatever else it says is answered by an error, and closes it; likewise more frames than `LIMITS.live.frames`, and more
 *   proofs of its user than `LIMITS.live.proofs`.
 * - Frames that are no valid proof are counted by the address that the connection came from. Past `LIMITS.address` no
 *   further connection of it is let in, and none that has not authenticated is listened to.
 */
export class LiveProtocol {
  readonly #parts: Parts;
  /** The holders of authenticated connections, by connection. It keeps those that were heard from last. */
  readonly #authenticated = new RecentMap<string, Holder>(LIMITS.live.provenKept);
  /** The networks of connections that have not authenticated, of those that this running function let in. */
  readonly #networks = new RecentMap<string, string>(LIMITS.live.provenKept);
  /** By the connection. */
  readonly #frames: LocalRate;
  /** By the user. */
  readonly #proofs: LocalRate;
  /** By the user. */
  readonly #checks: LocalRate;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#frames = new LocalRate(LIMITS.live.frames, parts.now);
    this.#proofs = new LocalRate(LIMITS.live.proofs, parts.now);
    this.#checks = new LocalRate(LIMITS.live.checks, parts.now);
  }

  /**
   * @throws {GoTalkError} `too_many_requests`: Too many frames came from there that were no valid proof. A refusal costs no
   *   call, and API Gateway opens no connection then.
   */
  connect(connectionId: string, origin: Origin): void {
    const { addressLimit } = this.#parts;
    const { network } = addressLimit.whereFrom(origin);
    addressLimit.requireRoom(network);
    if (network !== undefined) this.#networks.set(connectionId, network);
  }

  async disconnect(connectionId: string): Promise<void> {
    this.#networks.delete(connectionId);
    this.#authenticated.delete(connectionId);
    await this.#parts.connections.remove(connectionId);
  }

  /** @returns What to answer; nothing when the connection was closed, and to a frame that is not answered. */
  async receive({ connectionId, body, age, requestId }: ClientFrame): Promise<Frame | undefined> {
    const { addressLimit } = this.#parts;
    // `undefined` also for a connection that another running function let in.
    const network = (): string | undefined => this.#networks.get(connectionId);
    try {
      requireRoom(this.#frames.consume(connectionId));
      // A late one may have authenticated to another running function, and is not refused for its address.
      if (age < LIMITS.live.proofTime) addressLimit.requireRoom(network());
      else if (!(await this.#hasAuthenticated(connectionId))) throw proofOverdue();
      const fields = parseBody(body, "application/json");
      if (fields["type"] === "ping") {
        addressLimit.consumeFrame(network());
        return await this.#pong(connectionId);
      }
      if (fields["type"] === "typing") {
        const { toId } = validate(TypingFrame, fields);
        addressLimit.consumeFrame(network());
        await this.#relayTyping(connectionId, toId);
        return undefined;
      }
      this.#authenticated.set(connectionId, await this.#authenticate(connectionId, fields));
      return { type: "ready" };
    } catch (error) {
      const { code, message, status, cause } = toGoTalkError(error);
      if (status >= 500) log("error", message, { code }, cause);
      else addressLimit.consumeFrame(network());
      await this.#refuse(connectionId, { type: "error", code, detail: message, requestId });
      return undefined;
    }
  }

  /**
   * Costs half a read unit for the first late frame that this running function gets of an authenticated connection, and nothing
   * for further ones. Only a miss is read consistently: a proof may have been stored a moment ago.
   *
   * @returns True also when the database does not tell: an outage must not close the connections of everybody.
   */
  async #hasAuthenticated(connectionId: string): Promise<boolean> {
    const { connections } = this.#parts;
    let holder = this.#authenticated.get(connectionId);
    if (holder === undefined) {
      try {
        holder = (await connections.holderOf(connectionId, false)) ?? (await connections.holderOf(connectionId, true));
        if (holder === undefined) return false;
      } catch (error) {
        log("warn", "could not check whether a connection has authenticated", {}, error);
        // It passes for authenticated: an outage must not count its frames for its address either.
        this.#networks.delete(connectionId);
        return true;
      }
    }
    this.#authenticated.set(connectionId, holder);
    this.#networks.delete(connectionId);
    return true;
  }

  /**
   * Checks the channel of a connection that has authenticated, within `LIMITS.live.checks`. Where there is no check, or it
   * fails, the answer says nothing of the channel: the client's own sync finds what waits.
   */
  async #pong(connectionId: string): Promise<Frame> {
    const holder = this.#authenticated.get(connectionId);
    const answer: { type: "pong"; waiting?: true } = { type: "pong" };
    if (holder === undefined || this.#checks.consume(holder.userId) > 0) return answer;
    await bestEffort("check what waits for a connection", LIMITS.live.checkTime, async () => {
      if (await this.#parts.waiting.isWaiting(channelKey(holder.userId, holder.channel))) answer.waiting = true;
    });
    return answer;
  }

  /**
   * Reads nothing for a connection that this running function does not know: anybody can open one. If another one has just
   * authenticated it, its first frames are lost, which does no harm.
   */
  async #relayTyping(connectionId: string, toId: string): Promise<void> {
    const holder = this.#authenticated.get(connectionId);
    if (holder !== undefined) await this.#parts.typing.relay({ userId: holder.userId, connectionId }, toId);
  }

  /**
   * Stores the connection before it checks the session, as a logout ends the session before it reads the connections:
   * the later of the two finds the other.
   *
   * @returns What the connection is held for.
   */
  async #authenticate(connectionId: string, fields: unknown): Promise<Holder> {
    const { tokens, sessionCheck, connections } = this.#parts;
    const caller = await identify(tokens, validate(ProofFrame, fields));
    // In this order: a token of an ended session takes no more than one proof off its user's rate.
    sessionCheck.refuseGone(caller);
    requireRoom(this.#proofs.consume(caller.userId));
    const { expiresAt } = await sessionCheck.requireLately(caller);
    // Once: a second write could bring back a connection that the end of the session has removed. And no longer than the session
    // lasts: a frame may bear a message.
    await connections.add(connectionId, caller, expiresAt);
    this.#networks.delete(connectionId);
    await sessionCheck.require(caller);
    await connections.removeSurplus(caller.userId);
    return { userId: caller.userId, channel: caller.channel };
  }

  async #refuse(connectionId: string, frame: Frame): Promise<void> {
    const { connections, gateway } = this.#parts;
    this.#authenticated.delete(connectionId);
    await bestEffort("tell a connection why it is refused", LIMITS.live.hangUpTime, (signal) =>
      post(gateway, connectionId, textOf(frame), signal),
    );
    await close(gateway, connectionId, AbortSignal.timeout(LIMITS.live.hangUpTime));
    // As far as this function knows it is not stored. If another one has stored it, its end is told soon.
    if (this.#networks.get(connectionId) === undefined) await connections.remove(connectionId);
  }
}

/** @param wait Seconds until a rate has room. */
function requireRoom(wait: number): void {
  if (wait > 0) throw new GoTalkError("too_many_requests", { retryAfter: wait });
}

const proofOverdue = (): GoTalkError =>
  invalidRequest(
    `The connection did not prove itself within ${LIMITS.live.proofTime / 1_000} seconds. Connect again, and send {"token", "id"} first.`,
  );
