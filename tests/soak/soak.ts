import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { Client, type Session } from "../../lib/client/index.ts";
import { type Fault, startFaultProxy } from "../support/fault-proxy.ts";
import { atOnce } from "../support/people.ts";
import { Random } from "../support/random.ts";
import { System } from "../support/system.ts";
import { ConfirmingDevice, PlainDevice, type Setting } from "./devices.ts";
import { type Channel, drain } from "./drain.ts";
import { type Correspondent, keepSending, PATIENT, TIMEOUT_MS } from "./senders.ts";
import { SoakLedger, type Totals } from "./soak-ledger.ts";

/** What a soak is to be. */
export interface Options {
  readonly engine: string;
  readonly seed: number;
  readonly messages: number;
  /** No message is begun later than this after the start, in milliseconds. */
  readonly time: number;
  readonly kills: number;
  readonly users: number;
  /** Messages on their way at once. */
  readonly lanes: number;
  /** In milliseconds, see {@link Setting}. */
  readonly longestSleep: number;
  readonly onProgress?: (line: string) => void;
}

export interface Outcome {
  readonly totals: Totals;
  /** What does not hold, with the history of each message. */
  readonly violations: readonly string[];
}

const LOGINS_AT_ONCE = 4;
/** Of 1,000 requests so many meet this. The rest pass. */
const FAULTS = { before: 10, after: 10, middle: 10, during: 10, delay: 30 };
const LONGEST_DELAY_MS = 500;
/** One restart in so many is killed, too, before it is over. */
const RESTARTS_KILLED = 4;
const PROGRESS_MS = 10_000;
const LOOK_MS = 20;

/**
 * Each user has two clients. Of three users in four each has a device of its own, and gets every message; those of the others share
 * one. Everybody sends to everybody, and everything is killed.
 */
export async function soak(options: Options): Promise<Outcome> {
  const { engine, seed, users, onProgress = () => {} } = options;
  const random = new Random(seed);
  const ledger = new SoakLedger();
  const system = await System.start(engine);
  const trouble = new Trouble(random.fork());
  const passed = new Set<string>();
  const proxy = await startFaultProxy({
    port: system.port,
    host: "localhost",
    next: () => trouble.next(),
    passed: (head) => void passed.add(/^x-request-id: (\S+)/im.exec(head)?.[1] ?? ""),
  });
  const end = new AbortController();
  let kills = 0;
  const progress = (): void =>
    onProgress(`${ledger.answered} answered, ${ledger.kept} kept, ${kills} kills, ${trouble.total} requests harmed`);
  const timer = setInterval(progress, PROGRESS_MS);
  try {
    const channels: Channel[] = [];
    const people: Correspondent[] = [];
    await atOnce(LOGINS_AT_ONCE, [...Array(users).keys()], async (n) => {
      const own = await channelsOf(n);
      channels.push(...own);
      people.push(asCorrespondent(own));
    });
    trouble.isOn = true;
    onProgress(`${users} users are there.`);

    const receiving = channels.flatMap(({ devices }) => devices).map((device) => device.run(end.signal));
    const plan = { messages: options.messages, signal: AbortSignal.timeout(options.time) };
    const sending = Promise.all(
      Array.from({ length: options.lanes }, (_, lane) =>
        keepSending(people[lane % users] as Correspondent, people, {
          url: proxy.url,
          plan,
          ledger,
          random: random.fork(),
        }),
      ),
    );
    const done = sending.then(() => true);
    await killAgainAndAgain(done);
    await sending;

    trouble.isOn = false;
    end.abort();
    await Promise.all(receiving);
    onProgress("Everything is sent; the channels are drained.");
    await Promise.all(channels.map((channel) => drain(system.url, channel, ledger)));
    progress();
    return { totals: { ...ledger.totals(), kills, ...trouble.counts }, violations: ledger.verdict() };
  } finally {
    clearInterval(timer);
    end.abort();
    await proxy.close();
    await system.kill();
  }

  /** The channels of a new user, each with its clients. */
  async function channelsOf(n: number): Promise<Channel[]> {
    const options = { retry: PATIENT, timeout: TIMEOUT_MS, live: false } as const;
    const credentials = { username: `user-${randomUUID().slice(0, 18)}`, password: randomUUID() };
    const { username } = credentials;
    const newClient = (): Client => new Client({ ...options, url: system.url });
    await newClient().register(credentials);
    const logIn = (deviceName?: string): Promise<Session> =>
      newClient().login({ ...credentials, ...(deviceName !== undefined && { deviceName }) });
    if (n % SHARES === SHARES - 1) {
      const session = await logIn();
      const [first, second] = [settingOf(session, username, "first"), settingOf(session, username, "second")];
      const device = n % (2 * SHARES) < SHARES ? new ConfirmingDevice(first, true) : new PlainDevice(first);
      return [{ session, place: username, devices: [device, new PlainDevice(second)] }];
    }
    const kinds = n % 2 === 0 ? ["laptop", "phone"] : ["laptop", "script"];
    const channels: Channel[] = [];
    for (const kind of kinds) {
      const session = await logIn(kind);
      const place = `${username}'s ${kind}`;
      const setting = settingOf(session, place, "client");
      const device = kind === "script" ? new PlainDevice(setting) : new ConfirmingDevice(setting, kind === "laptop");
      channels.push({ session, place, devices: [device] });
    }
    return channels;
  }

  function settingOf(session: Session, place: string, name: string): Setting {
    return {
      url: proxy.url,
      session,
      place,
      name: `${place}, ${name}`,
      ledger,
      random: random.fork(),
      wasPassed: (requestId) => passed.delete(requestId),
      longestSleep: options.longestSleep,
    };
  }

  /** The kills lie evenly among the messages. */
  async function killAgainAndAgain(done: Promise<boolean>): Promise<void> {
    const choices = random.fork();
    for (let number = 1; kills < options.kills; number++) {
      const due = (options.messages * (kills + 1)) / (options.kills + 1);
      const isDue = async (): Promise<boolean> => {
        while (ledger.answered < due) if (await Promise.race([done, sleep(LOOK_MS, false)])) return false;
        return true;
      };
      if (!(await isDue())) return;
      await sleep(choices.between(0, 300));
      await system.kill();
      kills++;
      if (number % RESTARTS_KILLED === 0 && kills < options.kills) {
        await system.killWhileStarting(choices.between(0, 4_000));
        kills++;
      }
      await system.start();
    }
  }
}

/** One user in so many has the two clients share a device. */
const SHARES = 4;

/** A user with several channels has copies of what one of them sends on the others. */
function asCorrespondent(channels: readonly Channel[]): Correspondent {
  const sessions = channels.map(({ session }) => session);
  return {
    id: sessions[0]?.id ?? "",
    sessions,
    places: channels.map(({ place }) => place),
    copiesOf: (sender) => channels.filter(({ session }) => session !== sender).map(({ place }) => place),
  };
}

/** Chooses what happens to a request, and counts it. */
class Trouble {
  isOn = false;
  readonly counts: Record<string, number> = {};
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  get total(): number {
    return Object.values(this.counts).reduce((sum, count) => sum + count, 0);
  }

  next(): Fault {
    let rest = this.#random.between(1, 1_000);
    for (const [kind, perMille] of Object.entries(FAULTS)) {
      rest -= perMille;
      if (this.isOn && rest <= 0) return this.#fault(kind as keyof typeof FAULTS);
    }
    return "none";
  }

  #fault(kind: keyof typeof FAULTS): Fault {
    this.counts[kind] = (this.counts[kind] ?? 0) + 1;
    if (kind === "delay") return { delay: this.#random.between(1, LONGEST_DELAY_MS) };
    if (kind === "during") return { cut: this.#random.between(0, 50) };
    return kind;
  }
}
