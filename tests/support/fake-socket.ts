/** A WebSocket whose other end is the test. */
export class FakeSocket {
  onopen: (() => void) | null = null;
  onclose: (() => void) | null = null;
  onerror: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  readonly url: string;
  readonly sent: Record<string, unknown>[] = [];
  isClosed = false;
  /** Whether the server answers pings. */
  isWell = true;
  /** Whether the answers say that something waits. */
  waits = false;

  constructor(url: string) {
    this.url = url;
  }

  send(text: string): void {
    const frame = JSON.parse(text);
    this.sent.push(frame);
    if (frame.type === "ping" && this.isWell) this.say({ type: "pong", ...(this.waits && { waiting: true }) });
  }

  close(): void {
    this.isClosed = true;
  }

  /** The server says something, if it still can. */
  say(frame: object): void {
    if (!this.isClosed) this.onmessage?.({ data: JSON.stringify(frame) });
  }

  /** The connection is there, and its proof is accepted. */
  accept(): void {
    this.onopen?.();
    this.say({ type: "ready" });
  }

  /** The connection ends, or was never there. */
  end(): void {
    this.isClosed = true;
    this.onclose?.();
  }
}

/** A constructor of sockets, and all that it made. */
export function fakeSockets(onNew: (socket: FakeSocket) => void = () => {}) {
  const all: FakeSocket[] = [];
  class Socket extends FakeSocket {
    constructor(url: string) {
      super(url);
      all.push(this);
      onNew(this);
    }
  }
  return { all, WebSocket: Socket as unknown as typeof WebSocket };
}
