import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { connect, type IStore, type MqttClient } from "mqtt";
import type { Journal } from "./journal.ts";
import type { Receiving } from "./receiving.ts";
import type { Sender } from "./sender.ts";

export interface MqttTask {
  readonly kind: "mqtt";
  readonly port: number;
}

const TOPIC = "peers/receiver";
const AGAIN_MS = 50;

/** A session that outlives its connections. */
const open = (port: number, clientId: string, incomingStore?: IStore): MqttClient => {
  const client = connect({
    host: "127.0.0.1",
    port,
    clientId,
    clean: false,
    reconnectPeriod: 100,
    ...(incomingStore && { incomingStore }),
  });
  // It connects again by itself.
  client.on("error", () => {});
  return client;
};

/** Receives without an end. The packets that are not complete are kept beside the messages. */
export function receiveFromMqtt({ port }: MqttTask, { journal, ready, take }: Receiving): void {
  const client = open(port, "receiver", new PacketStore(journal));
  client.on("connect", () => {
    client.subscribe(TOPIC, { qos: 2 }, (error) => {
      if (error === null) ready();
    });
  });
  // Called before the packet is confirmed for good; it is forgotten in the transaction that keeps its message.
  client.handleMessage = (packet, done) => {
    const { messageId, payload, dup } = packet;
    take({ content: payload.toString(), flagged: dup }, () => journal.delete(nameOf(messageId)));
    done();
  };
}

type Packet = Parameters<IStore["put"]>[0];
/** As it is kept in JSON. */
type KeptPacket = Omit<Packet, "payload"> & { readonly payload: string };

const nameOf = (messageId: number | undefined): string => `packet ${messageId}`;

/** The incoming packets of quality of service 2, by their identifiers, in the journal. */
class PacketStore implements IStore {
  readonly #journal: Journal;

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  put(packet: Packet, done: (error?: Error) => void): this {
    const payload = "payload" in packet ? String(packet.payload) : "";
    this.#journal.save(nameOf(packet.messageId), { ...packet, payload });
    done();
    return this;
  }

  get({ messageId }: Pick<Packet, "messageId">, done: (error?: Error, packet?: Packet) => void): this {
    const kept = this.#journal.saved<KeptPacket>(nameOf(messageId));
    if (kept === undefined) done(new Error("missing packet"));
    else done(undefined, { ...kept, payload: Buffer.from(kept.payload) } as Packet);
    return this;
  }

  del({ messageId }: Pick<Packet, "messageId">, done: (error?: Error, packet?: Packet) => void): this {
    this.#journal.delete(nameOf(messageId));
    done();
    return this;
  }

  /** Used for outgoing packets only. */
  createStream(): ReturnType<IStore["createStream"]> {
    return Readable.from([]) as unknown as ReturnType<IStore["createStream"]>;
  }

  close(done: (error?: Error) => void): void {
    done();
  }
}

/** A sender whose library completes the handshake of each message, over as many connections as it takes. */
export async function mqttSender(number: number, port: number): Promise<Sender> {
  const client = open(port, `sender-${number}`);
  return {
    async send(content) {
      const publish = () => client.publishAsync(TOPIC, content, { qos: 2 });
      while ((await publish().catch(() => undefined)) === undefined) await sleep(AGAIN_MS);
    },
    close: () => client.endAsync(true),
  };
}
