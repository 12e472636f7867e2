import { type ClientError, isForeign, ProblemError } from "../../../lib/client/index.ts";
import { duration, FOREIGN } from "./explain.ts";

/** The connection between this device and the server. */
export interface ConnectionState {
  readonly kind: "connecting" | "connected" | "reconnecting" | "offline";
  /** Details, in words for people. */
  readonly detail?: string | undefined;
  /** There is no WebSocket: the page polls every few seconds. */
  readonly isPolling?: boolean;
}

/** Keeps the state of the connection in the leading tab. */
export class Connection {
  readonly #onChange: (state: ConnectionState) => void;
  #state: ConnectionState = { kind: "connecting" };
  #isPolling = false;

  constructor(signal: AbortSignal, onChange: (state: ConnectionState) => void) {
    this.#onChange = onChange;
    addEventListener("offline", () => this.#set({ kind: "offline" }), { signal });
    addEventListener("online", () => this.#set({ kind: "reconnecting" }), { signal });
    this.#set(navigator.onLine ? this.#state : { kind: "offline" });
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** The server has answered. */
  succeeded(): void {
    this.#set({ kind: "connected", isPolling: this.#isPolling });
  }

  /** Call it when the page begins or stops to poll. */
  setPolling(isPolling: boolean): void {
    this.#isPolling = isPolling;
    if (this.#state.kind === "connected") this.succeeded();
  }

  /** The server could not be reached or could not answer. The next attempt begins after `delay` milliseconds. */
  failed(error: ClientError, delay: number): void {
    const isLimited = error instanceof ProblemError && error.status === 429;
    const limit = isLimited ? `Too many requests. Trying again in ${duration(delay / 1_000)}.` : undefined;
    const detail = isForeign(error) ? FOREIGN : limit;
    this.#set(navigator.onLine ? { kind: "reconnecting", detail } : { kind: "offline" });
  }

  /** The server refuses, and says why. */
  refused(detail: string): void {
    this.#set({ kind: "reconnecting", detail });
  }

  #set(state: ConnectionState): void {
    const { kind, detail, isPolling } = this.#state;
    const isSame = kind === state.kind && detail === state.detail && isPolling === state.isPolling;
    if (isSame && kind !== "connecting") return;
    this.#state = state;
    this.#onChange(state);
  }
}
