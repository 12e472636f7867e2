import { asObject, type JsonObject, parseJson } from "../contract/json.ts";
import type { Message } from "./message.ts";
import { readMessage } from "./read-message.ts";
import { backoff } from "./retry.ts";
import { Sleeper } from "./sleeper.ts";
import { type Timing, withScope } from "./timing.ts";
import { readTypist, type Typist } from "./typing.ts";

/** What a {@link WakeSocket} needs. */
export interface WakeSocketHost {
  readonly url: string;
  readonly WebSocket: typeof WebSocket;
  readonly timing: Timing;
  /** Authenticates the connection. It is sent in the first frame, never in the URL. */
  proof(): { readonly token: string; readonly id: string };
  /** Wakes come from now on. They do not tell of messages that came before. */
  onUp(): void;
  /** No wakes come any more. If `wasUp` is false, none came before either: an attempt to connect has failed. */
  onDown(wasUp: boolean): void;
  /** A message may wait. */
  onWake(): void;
  /** A message has come, and its sync has not. It may have come before, and may be out of order. */
  onPreview(message: Message): void;
  /** A user is typing. */
  onTyping(typist: Typist): void;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** For connecting and authenticating; also for the answer to a ping. */
const ANSWER_MS = 10 * SECOND;

/**
 * API Gateway ends a connection that is idle for 10 minutes. The answer says whether messages wait, so the next ping
 * makes up for a wake that was lost.
 */
const PING_MS = 5 * MINUTE;

/** API Gateway ends every connection after 2 hours; up to a tenth earlier than this, so that not all renew at once. */
const LIFETIME_MS = 110 * MINUTE;

/** Waits between connections. A clean end waits, too: all connections of a server that restarts end cleanly. */
const RECONNECT = { base: SECOND, max: MINUTE };

/** After a connection that lived so long the waits begin anew. */
const GOOD_MS = MINUTE;

/** How a connection goes. */
interface Course {
  /** When the server accepted its authentication. */
  upSince?: number;
  /** When the last frame of goTalk came. */
  heardAt: number;
  /** The client has said on it that its user is typing. */
  hasTyped?: true;
}

/** Keeps a WebSocket open, one connection after the other, and tells of its wakes, previews and typing users. */
export class WakeSocket {
  readonly #host: WakeSocketHost;
  /** Between two connections. */
  readonly #sleeper: Sleeper;
  /** The connection whose authentication the server has accepted. */
  #up: { readonly socket: WebSocket; readonly course: Course } | undefined;
  #knowsTyping = true;

  constructor(host: WakeSocketHost) {
    this.#host = host;
    this.#sleeper = new Sleeper(host.timing);
  }

  /** Whether it can be said that the user is typing. */
  get canType(): boolean {
    return this.#up !== undefined && this.#knowsTyping;
  }

  /** Tells the server that the user is typing, if the connection is up. It is not answered, and may be lost. */
  type(toId: string): void {
    if (this.#up === undefined) return;
    this.#up.course.hasTyped = true;
    this.#up.socket.send(JSON.stringify({ type: "typing", toId }));
  }

  /** Connects at once if it waits between two connections. */
  retry(): void {
    this.#sleeper.wake();
  }

  /** Runs until the signal is aborted, and then closes the connection. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { timing, onDown } = this.#host;
    for (let failures = 0; !signal.aborted; failures++) {
      const { upSince } = await this.#connect(signal);
      if (signal.aborted) return;
      onDown(upSince !== undefined);
      if (upSince !== undefined && timing.now() - upSince >= GOOD_MS) failures = 0;
      this.#sleeper.reset();
      await this.#sleeper.sleep(backoff(failures, RECONNECT, timing), signal);
    }
  }

  /** Opens a connection. Resolves when it has ended. */
  #connect(signal: AbortSignal): Promise<Course> {
    const { timing } = this.#host;
    const course: Course = { heardAt: timing.now() };
    return withScope(signal, async (scope) => {
      const socket = this.#open(course, () => scope.abort());
      if (socket === undefined) return course;
      await this.#watch(socket, course, scope.signal);
      this.#up = undefined;
      socket.onclose = null;
      socket.onerror = null;
      socket.onmessage = null;
      socket.onopen = null;
      socket.close();
      return course;
    });
  }

  #open(course: Course, end: () => void): WebSocket | undefined {
    const { url, WebSocket: Socket, proof } = this.#host;
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
      const frame = asObject(parseJson(String(data)));
      if (frame["type"] === "error") {
        // An older server takes it for a wrong proof, and would close each connection.
        if (course.hasTyped && frame["code"] === "invalid_request") this.#knowsTyping = false;
        end();
      } else this.#hear(socket, course, frame);
    };
    return socket;
  }

  #hear(socket: WebSocket, course: Course, frame: JsonObject): void {
    const { timing, onUp, onWake, onPreview, onTyping } = this.#host;
    const { type, waiting, message } = frame;
    const isWake = type === "wake" || type === "message";
    if (type === "pong" || isWake) course.heardAt = timing.now();
    if (course.upSince === undefined) {
      // Another server may be at this address. Its frames do not mean that wakes come.
      if (type !== "ready") return;
      course.upSince = timing.now();
      this.#up = { socket, course };
      onUp();
      return;
    }
    const typist = type === "typing" ? readTypist(frame) : undefined;
    if (typist !== undefined) onTyping(typist);
    const preview = type === "message" ? readMessage(message) : undefined;
    // A message that cannot be read comes by the sync. An older server does not say whether messages wait.
    if (preview !== undefined) onPreview(preview);
    else if (isWake || (type === "pong" && waiting === true)) onWake();
  }

  /** Resolves when the connection ends, stops answering, or is old enough to be renewed. */
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
 * The WebSocket's URL: the one that the login told, or else `/live` beside the API. Undefined for an API without a host
 * in a program without a page. The token goes there, so an encrypted API cannot lead to an unencrypted WebSocket.
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
