import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import type { StandInPushService } from "../../support/push-service.ts";

/** What Firefox says to its push service, as far as it matters here. */
interface FromFirefox {
  readonly messageType?: string;
  readonly channelID?: string;
  readonly uaid?: string;
  readonly updates?: readonly { readonly channelID: string; readonly version: string; readonly code?: number }[];
}

/** What Firefox answers to a notification that its page's worker has got. */
const DELIVERED = 100;

/**
 * The side of a push service that Firefox connects to: Mozilla's autopush, over a WebSocket. It hands out endpoints of the stand-in, and
 * hands on what comes there as it is: Firefox itself decrypts it.
 *
 * https://mozilla-push-service.readthedocs.io/en/latest/design/#simplepush-protocol
 */
export class Autopush {
  /** The codes by which Firefox has taken notifications. */
  readonly taken: (number | undefined)[] = [];
  readonly channels: string[] = [];
  readonly #service: StandInPushService;
  readonly #server: Server;
  #firefox: WebSocket | undefined;

  private constructor(service: StandInPushService) {
    this.#service = service;
    const sockets = new WebSocketServer({
      noServer: true,
      maxPayload: 65_536,
      maxFragments: 16,
      autoPong: true,
      verifyClient: (_, done) => done(true),
    });
    this.#server = createServer().on("upgrade", (request, stream, head) =>
      sockets.handleUpgrade(request, stream, head, (socket) => {
        this.#firefox = socket;
        socket.on("message", (data) => this.#on(socket, JSON.parse(String(data))));
      }),
    );
  }

  static async start(service: StandInPushService): Promise<Autopush> {
    const autopush = new Autopush(service);
    autopush.#server.listen(0, "127.0.0.1");
    await once(autopush.#server, "listening");
    return autopush;
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  /** Whether Firefox has taken so many notifications for its worker. */
  hasDelivered(count: number): boolean {
    return this.taken.filter((code) => code === undefined || code === DELIVERED).length >= count;
  }

  close(): void {
    this.#firefox?.terminate();
    this.#server.close();
  }

  #on(socket: WebSocket, message: FromFirefox): void {
    const answer = this.#answerTo(message);
    if (answer !== undefined) socket.send(JSON.stringify(answer));
  }

  #answerTo({ messageType, channelID = "", uaid, updates = [] }: FromFirefox): object | undefined {
    switch (messageType) {
      case "hello": {
        const id = uaid || randomUUID().replaceAll("-", "");
        return { messageType, status: 200, uaid: id, use_webpush: true, broadcasts: {} };
      }
      case "register": {
        const path = `/push/${channelID}`;
        this.channels.push(channelID);
        this.#service.forwards.set(path, (body, headers) => this.#notify(channelID, body, headers["content-encoding"]));
        return { messageType, status: 200, channelID, pushEndpoint: this.#service.url + path };
      }
      case "unregister":
        return { messageType, status: 200, channelID };
      case "ack":
        this.taken.push(...updates.map(({ code }) => code));
        return undefined;
      default:
        // A ping.
        return messageType === undefined ? {} : undefined;
    }
  }

  #notify(channelID: string, body: Buffer, encoding: string | undefined): void {
    const notification = {
      messageType: "notification",
      channelID,
      version: randomUUID(),
      data: body.toString("base64url"),
      headers: { encoding },
    };
    this.#firefox?.send(JSON.stringify(notification));
  }
}
