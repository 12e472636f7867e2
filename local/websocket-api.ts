import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocket, WebSocketServer } from "ws";

/** API Gateway's quota for a message, in bytes. A client that sends a longer one is cut off without an answer. */
export const MAX_MESSAGE = 128 * 1024;

/** API Gateway's frames have 32 KB, so that a message has few of them. */
const MAX_FRAGMENTS = 64;

/** How many bytes may wait for a client that does not read. */
const MAX_UNREAD = 256 * 1024;

/** API Gateway's: how long a connection may be idle, and how long it may live, in milliseconds. */
const IDLE_TIME = 10 * 60_000;
const LIFE_TIME = 120 * 60_000;

const GOING_AWAY = 1001;

/** Runs the function behind the API with an event of it. */
type Run = (event: object) => Promise<unknown>;

interface Connection {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly connectedAt: number;
  readonly socket: WebSocket;
  /** Ends it when it was idle for too long. */
  readonly idle: NodeJS.Timeout;
}

/**
 * API Gateway's WebSocket API in front of one function: events for connections that open and close and for what they send,
 * and means to send to them and to close them.
 *
 * What a client does harms its own connection only. It takes the next message of a connection when the last is answered.
 */
export class WebSocketApi {
  readonly #run: Run;
  readonly #connections = new Map<string, Connection>();
  /** The connections that the function has let in, by their requests. */
  readonly #admitted = new WeakMap<IncomingMessage, Pick<Connection, "id" | "connectedAt">>();
  readonly #server = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE,
    maxFragments: MAX_FRAGMENTS,
    autoPong: false,
    verifyClient: ({ req }, done) => void this.#admit(req).then((status) => done(isSuccess(status), status)),
  });

  constructor(run: Run) {
    this.#run = run;
  }

  /** Takes a request to upgrade to a WebSocket. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // A client may cut it off at any time, before the server of WebSockets looks after it, too.
    socket.on("error", () => socket.destroy());
    this.#server.handleUpgrade(request, socket, head, (opened) => {
      const admitted = this.#admitted.get(request);
      if (admitted !== undefined) this.#open({ ...admitted, socket: opened });
    });
  }

  /** @returns Whether the connection still exists. */
  send(connectionId: string, text: string): boolean {
    const connection = this.#connections.get(connectionId);
    if (connection === undefined) return false;
    connection.idle.refresh();
    reply(connection.socket, () => connection.socket.send(text));
    return true;
  }

  /** @returns Whether the connection still existed. */
  close(connectionId: string): boolean {
    const connection = this.#connections.get(connectionId);
    connection?.socket.close(GOING_AWAY, "Going away");
    return connection !== undefined;
  }

  /** Cuts all connections. */
  stop(): void {
    for (const { socket } of this.#connections.values()) socket.terminate();
  }

  /** @returns The HTTP status that the function answers to the connection. */
  async #admit(request: IncomingMessage): Promise<number> {
    const admitted = { id: randomUUID(), connectedAt: Date.now() };
    this.#admitted.set(request, admitted);
    const identity = { sourceIp: request.socket.remoteAddress ?? "" };
    const content = { headers: request.headers };
    const { statusCode } = await this.#call(admitted, "CONNECT", "$connect", content, { identity });
    return statusCode;
  }

  #open(opened: Omit<Connection, "idle">): void {
    const { id, socket } = opened;
    const leave = (): void => socket.close(GOING_AWAY, "Going away");
    const connection = { ...opened, idle: setTimeout(leave, IDLE_TIME) };
    const end = setTimeout(leave, LIFE_TIME);
    this.#connections.set(id, connection);
    let turn: Promise<unknown> = Promise.resolve();
    let waiting = 0;
    // A frame that is malformed or too large. The socket closes by itself, with the code that says so.
    socket.on("error", () => {});
    socket.on("ping", (data) => reply(socket, () => socket.pong(data)));
    socket.on("message", (data, isBinary) => {
      connection.idle.refresh();
      waiting++;
      socket.pause();
      turn = turn.then(() => this.#receive(connection, data, isBinary)).then(() => --waiting === 0 && socket.resume());
    });
    socket.on("close", () => {
      clearTimeout(connection.idle);
      clearTimeout(end);
      this.#connections.delete(id);
      turn = turn.then(() => this.#call(connection, "DISCONNECT", "$disconnect"));
    });
  }

  async #receive(connection: Connection, data: Buffer, isBinary: boolean): Promise<void> {
    const { socket } = connection;
    // What came before it may have closed the connection.
    if (socket.readyState !== WebSocket.OPEN) return;
    const body = { body: data.toString(isBinary ? "base64" : "utf8"), isBase64Encoded: isBinary };
    const answer = await this.#call(connection, "MESSAGE", "$default", body);
    if (answer.body !== undefined && socket.readyState === WebSocket.OPEN) this.send(connection.id, answer.body);
  }

  /** Never fails: what the function throws is answered as API Gateway does. */
  async #call(
    { id, connectedAt }: Pick<Connection, "id" | "connectedAt">,
    eventType: string,
    routeKey: string,
    content: object = {},
    context: object = {},
  ): Promise<Answer> {
    const requestId = randomUUID();
    const requestContext = {
      ...{ connectionId: id, connectedAt, eventType, routeKey, requestId, messageDirection: "IN", stage: "live" },
      requestTimeEpoch: Date.now(),
      ...context,
    };
    try {
      return (await this.#run({ ...content, requestContext })) as Answer;
    } catch {
      const body = JSON.stringify({ message: "Internal server error", connectionId: id, requestId });
      return { statusCode: 502, body };
    }
  }
}

interface Answer {
  readonly statusCode: number;
  readonly body?: string;
}

const isSuccess = (status: number): boolean => status >= 200 && status < 300;

/** Ends a client that takes nothing, and lets answers pile up here by asking on. */
function reply(socket: WebSocket, send: () => void): void {
  if (socket.bufferedAmount > MAX_UNREAD) socket.terminate();
  else send();
}
