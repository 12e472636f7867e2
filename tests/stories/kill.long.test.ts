import { expect, it, onTestFinished, vi } from "vitest";
import { Client, type InboxState, type Message, newMessageId, type Session } from "../../lib/client/index.ts";
import { EXACTLY_ONCE, Ledger, nameOf } from "../support/ledger.ts";
import { type ClientPerson, newcomer } from "../support/people.ts";
import { startStack } from "../support/stack.ts";

const KILLS = 10;
const SENDERS = 4;
/** Sent and received in each life of the stack, at least. */
const TRAFFIC = 25;
/** Every so many messages the receiver dies: in the one case before it has kept the message, in the other after. */
const DIES_BEFORE = 23;
const DIES_AFTER = 31;
/** They come back soon, and outlast any restart of the stack. */
const PATIENT = { base: 20, max: 200, giveUpAfter: 120_000 };
const POLL = { min: 5, max: 50 };

it("the ledger agrees after ten kills of the whole stack in the middle of traffic", {
  timeout: 1_800_000,
}, async () => {
  let stack = await startStack();
  onTestFinished(async () => void (await stack.stop()));
  const { url, data, port } = stack;
  const receiver = await newcomer(url);
  const senders = await Promise.all(Array.from({ length: SENDERS }, () => newcomer(url)));

  const ledger = new Ledger();
  const traffic = new Traffic(url, ledger, receiver);
  onTestFinished(() => traffic.stop());
  const sending = senders.map((sender) => traffic.keepSending(sender));
  const receiving = traffic.keepReceiving();
  for (let kill = 1; kill <= KILLS; kill++) {
    // Another moment each time, and never a quiet one: the senders do not pause.
    const accepted = ledger.accepted + TRAFFIC + kill;
    const deliveries = ledger.deliveries + TRAFFIC + kill;
    await until(() => ledger.accepted >= accepted && ledger.deliveries >= deliveries);
    const { interruptions } = traffic;
    await stack.kill();
    await until(() => traffic.interruptions > interruptions);
    stack = await startStack({ data, port });
  }
  traffic.stopSending();
  await Promise.all(sending);
  // What is missing will not come: then the verdict names it.
  await until(() => ledger.verdict().lost.length === 0).catch(() => undefined);
  traffic.stop();
  await receiving;

  expect(ledger.verdict()).toEqual(EXACTLY_ONCE);
  expect(ledger.accepted).toBeGreaterThan(KILLS * TRAFFIC);
  expect(traffic.deaths).toBeGreaterThan(KILLS);
  expect(ledger.outOfOrder).toEqual([]);
  expect(await receiver.client.sync({ ack: traffic.receipt })).toMatchObject({ messages: [], more: false });
});

const until = (condition: () => boolean): Promise<unknown> =>
  vi.waitUntil(condition, { timeout: 300_000, interval: 5 });

/** What a receiver keeps over its own restarts, as it would in a file: written as a whole with each message. */
interface Disk {
  readonly session: Session;
  readonly state: InboxState | undefined;
}

/** People who send without a pause, and one who receives and dies again and again. */
class Traffic {
  /** Requests that failed. */
  interruptions = 0;
  /** Restarts of the receiver. */
  deaths = 0;
  readonly #url: string;
  readonly #ledger: Ledger;
  readonly #receiver: ClientPerson;
  #disk: string;
  #isSending = true;
  #isReceiving = true;
  #life = new AbortController();

  constructor(url: string, ledger: Ledger, receiver: ClientPerson) {
    this.#url = url;
    this.#ledger = ledger;
    this.#receiver = receiver;
    this.#disk = JSON.stringify({ session: receiver.session, state: undefined } satisfies Disk);
  }

  async keepSending(sender: ClientPerson): Promise<void> {
    const client = sender.at(this.#url, PATIENT);
    for (let count = 1; this.#isSending; count++) {
      const messageId = newMessageId();
      const content = `No. ${count} of ${sender.username}`;
      const name = nameOf({ messageId, senderId: sender.id });
      this.#ledger.begin({ name, sender: sender.id, content });
      await client.send({ to: this.#receiver.id, content, messageId, onRetry: () => this.interruptions++ });
      this.#ledger.accept(name);
    }
  }

  stopSending(): void {
    this.#isSending = false;
  }

  async keepReceiving(): Promise<void> {
    for (let seen = 0; this.#isReceiving; this.deaths++) seen = await this.#live(seen);
  }

  stop(): void {
    this.stopSending();
    this.#isReceiving = false;
    this.#life.abort();
  }

  /** The last one that the receiver has kept. */
  get receipt(): string | undefined {
    return (JSON.parse(this.#disk) as Disk).state?.receipt;
  }

  /** From start to death, with nothing but what is on the disk. */
  async #live(seenBefore: number): Promise<number> {
    const { session, state } = JSON.parse(this.#disk) as Disk;
    this.#life = new AbortController();
    const { signal } = this.#life;
    const client = new Client({ url: this.#url, session, retry: PATIENT });
    const inbox = client.receive({ state, signal, limit: 10, poll: POLL, onRetry: () => this.interruptions++ });
    let seen = seenBefore;
    for await (const message of inbox) {
      seen++;
      if (seen % DIES_BEFORE === 0) break;
      this.#keep(message, { session, state: inbox.state });
      if (seen % DIES_AFTER === 0) break;
    }
    return seen;
  }

  /** One transaction, as nothing comes in between. */
  #keep(message: Message, disk: Disk): void {
    this.#ledger.deliver({ name: nameOf(message), ...message });
    this.#disk = JSON.stringify(disk);
  }
}
