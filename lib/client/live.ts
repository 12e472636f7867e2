import { asObject, parseJson } from "../contract/json.ts";
import { backoff } from "./retry.ts";
import { type Timing, withScope } from "./timing.ts";

/** How to reach the WebSocket, and whom to tell. */
export interface LiveHost {
  readonly url: string;
  readonly WebSocket: typeof WebSocket;
  readonly timing: Timing;
  /** Whose connection it is; sent in the first frame, never in the URL. */
  proof(): { readonly token: string; readonly id: string };
  /** From now on wakes come. What came before is to be asked for. */
  onUp(): void;
  /** No wake comes any more, or still none: an attempt to connect has failed. */
  onDown(wasUp: boolean): void;
  /** Something may wait. */
  onWake(): void;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** For connecting and proving; also for the answer to a ping. */
const ANSWER_MS = 10 * SECOND;

/**
 * API Gateway ends a connection that is idle for 10 minutes. The answer says whether messages wait: a wake that was lost is
 * found by the next ping.
 */
const PING_MS = 5 * MINUTE;

/** API Gateway ends every connection after 2 hours; up to a tenth earlier than this, so that not all renew at once. */
const LIFETIME_MS = 110 * MINUTE;

/** Between attempts. A clean end is waited after as well: all connections of a server that restarts end cleanly. */
const RECONNECT = { base: 1 * SECOND, max: 1 * MINUTE };

/** A connection that lived so long was a good one: the waits begin anew. */
const GOOD_MS = 1 * MINUTE;

/** What a connection has come to. */
interface Course {
  /** When its proof was accepted. */
  upSince?: number;
  /** When a frame of goTalk came last. */
  heardAt: number;
}

/** Keeps a WebSocket open, one connection after the other, and passes on what it hears. */
export class Live {
  readonly #host: LiveHost;
  #nap: AbortController | undefined;

  constructor(host: LiveHost) {
    this.#host = host;
  }

  /** Connects at once if it is waiting to. */
  retry(): void {
    this.#nap?.abort();
  }

  /** Until the signal is aborted; then the connection is closed. Never fails. */
  async run(signal: AbortSignal): Promise<void> {
    const { timing, onDown } = this.#host;
    for (let failures = 0; !signal.aborted; failures++) {
      const { upSince } = await this.#connect(signal);
      if (signal.aborted) return;
      onDown(upSince !== undefined);
      if (upSince !== undefined && timing.now() - upSince >= GOOD_MS) failures = 0;
      await withScope(signal, async (nap) => {
        this.#nap = nap;
        await timing.sleep(backoff(failures, RECONNECT, timing), nap.signal);
        this.#nap = undefined;
      });
    }
  }

  /** One connection, from its beginning to its end. */
  #connect(signal: AbortSignal): Promise<Course> {
    const { timing } = this.#host;
    const course: Course = { heardAt: timing.now() };
    return withScope(signal, async (scope) => {
      const socket = this.#open(course, () => scope.abort());
      if (socket === undefined) return course;
      await this.#watch(socket, course, scope.signal);
      socket.onclose = null;
      socket.onerror = null;
      socket.onmessage = null;
      socket.onopen = null;
      socket.close();
      return course;
    });
  }

  #open(course: Course, end: () => void): WebSocket | undefined {
    const { url, WebSocket: Socket, timing, proof, onUp, onWake } = this.#host;
    let socket: WebSocket;
    try {
      socket = new Socket(url);
    } catch {
      // A page's policy may forbid it.
      return;
    }
    socket.onopen = () => socket.send(JSON.stringify(proof()));
    socket.onclose = end;
    socket.onerror = end;
    socket.onmessage = ({ data }) => {
      const { type, waiting } = asObject(parseJson(String(data)));
      // Another server may be behind the address. Its frames are no sign that wakes come.
      const isUp = course.upSince !== undefined;
      if (type === "error") end();
      if (type === "pong" || type === "wake") course.heardAt = timing.now();
      // A server of before says of nothing that it waits.
      if (isUp && (type === "wake" || (type === "pong" && waiting === true))) onWake();
      if (type !== "ready" || isUp) return;
      course.upSince = timing.now();
      onUp();
    };
    return socket;
  }

  /** Until the connection ends, stops answering, or is old enough to be renewed. */
  async #watch(socket: WebSocket, course: Course, ended: AbortSignal): Promise<void> {
    const { timing } = this.#host;
    const renewAt = timing.now() + LIFETIME_MS * (1 - timing.random() / 10);
    await timing.sleep(ANSWER_MS, ended);
    if (course.upSince === undefined) return;
    while (!ended.aborted && timing.now() < renewAt) {
      await timing.sleep(PING_MS, ended);
      if (ended.aborted) return;
      const askedAt = timing.now();
      socket.send('{"type":"ping"}');
      await timing.sleep(ANSWER_MS, ended);
      if (course.heardAt < askedAt) return;
    }
  }
}

/**
 * Where the WebSocket is: where the login says, or else beside the API. Undefined where that cannot be known, in a program
 * that has no page. The token goes there, so an API that is encrypted cannot lead to a WebSocket that is not.
 */
export function liveUrlOf(apiUrl: string, told: string | undefined): string | undefined {
  const base = apiUrl === "" ? globalThis.location?.origin : apiUrl;
  if (base === undefined) return undefined;
  const beside = `${base.replace(/^http/, "ws")}/live`;
  return told !== undefined && isAsSafe(told, beside) ? told : beside;
}

/** @param other Bears the path alone where the API's address does. */
function isAsSafe(url: string, other: string): boolean {
  const protocol = URL.canParse(url) ? new URL(url).protocol : undefined;
  return protocol === "wss:" || (protocol === "ws:" && other.startsWith("ws:"));
}
