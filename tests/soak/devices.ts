import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { type Batch, Client, type InboxState, type Session } from "../../lib/client/index.ts";
import { isOutage } from "../../lib/client/retry.ts";
import { nameOf } from "../support/ledger.ts";
import type { Random } from "../support/random.ts";
import { patiently } from "../support/taking.ts";
import { PATIENT, TIMEOUT_MS } from "./senders.ts";
import type { SoakLedger } from "./soak-ledger.ts";

/** What a device needs to know of the world. */
export interface Setting {
  /** Through the proxy. */
  readonly url: string;
  readonly session: Session;
  /** What has the channel that the session syncs, as the ledger names it. */
  readonly place: string;
  /** For the ledger's histories. */
  readonly name: string;
  readonly ledger: SoakLedger;
  readonly random: Random;
  /** Whether a request with this id has come as far as the server. To be asked once. */
  readonly wasPassed: (requestId: string) => boolean;
  /** Longest sleep of a device that has died, in milliseconds; past a lease, another one takes over its batch. */
  readonly longestSleep: number;
}

/** A client of a receiver. */
export interface Device {
  /** Receives until the signal is aborted. */
  run(signal: AbortSignal): Promise<void>;
  /** One sync at `url`, where nothing fails any more. Whether it found anything. */
  settle(url: string): Promise<boolean>;
}

const POLL = { min: 20, max: 600 };
const MOST_IN_BATCH = 30;
/** Of 1,000 messages so many kill the device: before it has kept them, and after. */
const DIES_BEFORE = 5;
const DIES_AFTER = 5;
/** Of 1,000 deaths so many are long. */
const SLEEPS_LONG = 100;
const SHORT_SLEEP_MS = 300;

/** Confirms what it takes, and survives its own deaths: what it has kept and where it stands is written in one go. */
export class ConfirmingDevice implements Device {
  readonly #setting: Setting;
  readonly #isLive: boolean;
  #disk: InboxState;

  constructor(setting: Setting, isLive: boolean) {
    this.#setting = setting;
    this.#isLive = isLive;
    // Any string that nobody else has starts a chain; a user's devices must not start with the same one.
    this.#disk = { receipt: randomUUID(), recent: [] };
  }

  async run(signal: AbortSignal): Promise<void> {
    const { random, longestSleep } = this.#setting;
    while (!signal.aborted) {
      await this.#live(signal);
      const nap = random.happens(SLEEPS_LONG) ? longestSleep : SHORT_SLEEP_MS;
      await sleep(random.between(0, nap), undefined, { signal }).catch(() => undefined);
    }
  }

  async settle(url: string): Promise<boolean> {
    const { session, place, ledger, name } = this.#setting;
    const client = new Client({ url, session, retry: PATIENT, live: false });
    const batch = await patiently(() => client.sync({ ack: this.#disk.receipt }));
    ledger.handed(place, name, batch);
    const seen = new Set(this.#disk.recent);
    const unseen = batch.messages.filter((message) => !seen.has(nameOf(message)));
    for (const message of unseen) ledger.keep(message, place, name);
    this.#disk = { receipt: batch.receipt, recent: batch.messages.map(nameOf) };
    return batch.messages.length > 0 || batch.more;
  }

  /** From start to death, with nothing but what is on the disk. */
  async #live(signal: AbortSignal): Promise<void> {
    const { url, session, place, ledger, random, name } = this.#setting;
    const client = new Client({
      url,
      session,
      retry: PATIENT,
      timeout: TIMEOUT_MS,
      fetch: (input, init) => this.#observe(input, init),
      ...(!this.#isLive && { live: false }),
    });
    const inbox = client.receive({
      state: this.#disk,
      signal,
      ownCopies: true,
      limit: random.between(1, MOST_IN_BATCH),
      poll: POLL,
    });
    for await (const message of inbox) {
      if (random.happens(DIES_BEFORE)) return;
      ledger.keep(message, place, name);
      this.#disk = inbox.state;
      if (random.happens(DIES_AFTER)) return;
    }
  }

  /** The client hides what it has seen before; the ledger sees what the server says. */
  async #observe(...[input, init]: Parameters<typeof fetch>): Promise<Response> {
    const response = await fetch(input, init);
    const text = await response.text();
    const { place, ledger, name } = this.#setting;
    if (response.ok && String(input).endsWith("/sync")) ledger.handed(place, name, JSON.parse(text) as Batch);
    return new Response(response.status === 204 ? null : text, response);
  }
}

/** Of 1,000 answers so many are thrown away, though they were heard. */
const THROWN_AWAY = 20;

/** goTalk's own way, without `ack`: each sync settles what it takes. */
export class PlainDevice implements Device {
  readonly #setting: Setting;

  constructor(setting: Setting) {
    this.#setting = setting;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { place, ledger, random, name, wasPassed } = this.#setting;
    while (!signal.aborted) {
      const limit = random.between(1, MOST_IN_BATCH);
      const requestId = randomUUID();
      const batch = await this.#sync(limit, requestId).catch(() => undefined);
      if (batch === undefined && wasPassed(requestId)) ledger.unheard(place, limit);
      else if (batch) this.#take(batch, !random.happens(THROWN_AWAY), name);
      const pause = batch?.more ? 0 : random.between(POLL.min, POLL.max);
      await sleep(pause, undefined, { signal }).catch(() => undefined);
    }
  }

  async settle(url: string): Promise<boolean> {
    const { session, place, name, ledger } = this.#setting;
    const batch = await new Client({ url, session, live: false }).sync({ limit: MOST_IN_BATCH }).catch((error) => {
      if (!isOutage(error)) throw error;
    });
    if (batch === undefined) {
      // Nobody knows what a stack has settled that is too busy to answer.
      ledger.unheard(place, MOST_IN_BATCH);
      return true;
    }
    this.#take(batch, true, name);
    return batch.messages.length > 0 || batch.more;
  }

  #sync(limit: number, requestId: string): Promise<Batch> {
    const { url, session } = this.#setting;
    const named: typeof fetch = (input, init) =>
      fetch(input, { ...init, headers: { ...(init?.headers as Record<string, string>), "x-request-id": requestId } });
    return new Client({ url, session, live: false, timeout: TIMEOUT_MS, fetch: named }).sync({ limit });
  }

  #take(batch: Batch, reaches: boolean, name: string): void {
    const { place, ledger } = this.#setting;
    ledger.handed(place, name, batch, reaches);
    if (reaches) for (const message of batch.messages) ledger.keep(message, place, name);
  }
}
