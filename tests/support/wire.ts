import { once } from "node:events";
import { onTestFinished } from "vitest";

type Heard = Readonly<Record<string, unknown>>;

/** A WebSocket connection of a client that does nothing by itself. */
export interface Wire {
  /** Sends an object as JSON, and anything else as it is. */
  say(frame: object | string | Uint8Array<ArrayBuffer>): void;
  /** The next frame, in their order. */
  next(): Promise<Heard>;
  /** Resolves once a frame is there. */
  arrival(): Promise<void>;
  /** The frames that have come and were not asked for. */
  readonly unheard: Heard[];
  /** Resolves when the server, or anything in between, has closed it. */
  readonly closed: Promise<unknown>;
  close(): Promise<void>;
}

/** Connects to `/live` of a stack. */
export async function connect(url: string): Promise<Wire> {
  const socket = new WebSocket(`${url.replace(/^http/, "ws")}/live`);
  const unheard: Heard[] = [];
  const change = new EventTarget();
  const tell = (): boolean => change.dispatchEvent(new Event("change"));
  socket.addEventListener("message", ({ data }) => {
    unheard.push(JSON.parse(data));
    tell();
  });
  const closed = once(socket, "close").then(tell);
  await once(socket, "open");
  onTestFinished(() => socket.close());
  const arrival = async (): Promise<void> => {
    while (unheard.length === 0) {
      if (socket.readyState === WebSocket.CLOSED) throw new Error("the connection was closed");
      await once(change, "change");
    }
  };
  return {
    say: (frame) =>
      socket.send(frame instanceof Uint8Array || typeof frame === "string" ? frame : JSON.stringify(frame)),
    next: async () => {
      await arrival();
      return unheard.shift() as Heard;
    },
    arrival,
    unheard,
    closed,
    close: async () => {
      socket.close();
      await closed;
    },
  };
}

/** Connects, and proves whose it is. */
export async function listen(url: string, { token, id }: { token: string; id: string }): Promise<Wire> {
  const wire = await connect(url);
  wire.say({ token, id });
  const answer = await wire.next();
  if (answer["type"] !== "ready") throw new Error(`not ready: ${JSON.stringify(answer)}`);
  return wire;
}
