import { bestEffort } from "./best-effort.ts";
import { parseBody } from "./body.ts";
import { identify } from "./caller.ts";
import type { Clock } from "./clock.ts";
import type { Connections } from "./connections.ts";
import { toGoTalkError } from "./http.ts";
import { LIMITS } from "./limits.ts";
import type { Frame } from "./live-frames.ts";
import { close, type LiveGateway, post } from "./live-gateway.ts";
import type { StartWatch, Watch } from "./live-watch.ts";
import { log } from "./log.ts";
import { ProofFrame, validate } from "./schemas.ts";
import type { SessionCheck } from "./session-check.ts";
import type { Sleep } from "./sleep.ts";
import type { Tokens } from "./tokens.ts";

interface Parts {
  readonly tokens: Tokens;
  readonly sessions: SessionCheck;
  readonly connections: Connections;
  readonly gateway: LiveGateway;
  readonly startWatch: StartWatch;
  readonly now: Clock;
  readonly sleep: Sleep;
}

/*
 * The life of a WebSocket connection:
 *
 * - Anybody may connect. Nothing is stored, but a watch is started that closes the connection unless it proves itself.
 * - Its first frame, {"token","id"}, proves whose it is; never the URL, which proxies log. It is stored, and told so.
 * - From then on it is told {"type":"wake"} when something waits. {"type":"ping"} keeps it from being closed as idle.
 * - Whatever else it says is answered by an error, and closes it.
 */
export class Live {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** @throws {Error} The watch could not be started: then the connection must be refused. */
  async connect(connectionId: string): Promise<void> {
    const now = this.#parts.now();
    await this.#parts.startWatch({ connectionId, looks: LIMITS.live.looks.map((after) => now + after) });
  }

  async disconnect(connectionId: string): Promise<void> {
    await this.#parts.connections.forget(connectionId);
  }

  /**
   * @param requestId Names the frame in the log, and to the client if it is refused.
   * @returns What to answer; nothing when the connection was closed.
   */
  async receive(connectionId: string, body: Buffer, requestId: string): Promise<Frame | undefined> {
    try {
      const fields = parseBody(body, "application/json");
      if (fields["type"] === "ping") return { type: "pong" };
      await this.#prove(connectionId, fields);
      return { type: "ready" };
    } catch (error) {
      const { code, message, status, cause } = toGoTalkError(error);
      if (status >= 500) log("error", message, { code }, cause);
      await this.#refuse(connectionId, { type: "error", code, detail: message, requestId });
      return undefined;
    }
  }

  /** Looks whether the connection has proven itself: closes it if not, or has it looked at again. */
  async watch({ connectionId, looks: [next = 0, ...later] }: Watch): Promise<void> {
    const { connections, gateway, startWatch, now, sleep } = this.#parts;
    await sleep(Math.max(0, next - now()));
    if (await connections.isHeld(connectionId)) return;
    if (later.length > 0) await startWatch({ connectionId, looks: later });
    else await close(gateway, connectionId);
  }

  /**
   * Stores the connection before it looks at the session, as a logout ends the session before it looks for connections:
   * whichever comes later finds the other.
   */
  async #prove(connectionId: string, fields: unknown): Promise<void> {
    const { tokens, sessions, connections } = this.#parts;
    const caller = await identify(tokens, validate(ProofFrame, fields));
    await connections.add(connectionId, caller);
    await sessions.require(caller);
    await connections.forgetSurplus(caller.userId);
  }

  async #refuse(connectionId: string, frame: Frame): Promise<void> {
    const { connections, gateway } = this.#parts;
    await bestEffort("tell a connection why it is refused", LIMITS.live.hangUpTime, (signal) =>
      post(gateway, connectionId, frame, signal),
    );
    await close(gateway, connectionId);
    await connections.forget(connectionId);
  }
}
