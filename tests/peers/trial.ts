import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { temporaryFolder } from "../support/folders.ts";
import { Ledger } from "../support/ledger.ts";
import { Random } from "../support/random.ts";
import { type Counts, countsOf } from "./counts.ts";
import { CUTS, type CutProxy, startCutProxy } from "./cut-proxy.ts";
import { Journal } from "./journal.ts";
import type { Fault, Running, Way } from "./peer.ts";
import { ReceiverProcess } from "./receiver-process.ts";
import type { Sender } from "./sender.ts";

/** How large a trial is. */
export interface Size {
  readonly messages: number;
  /** How often the fault strikes. */
  readonly kills: number;
  readonly seed: number;
}

/** One way to receive, under one fault. */
export interface Trial extends Counts {
  /** How often the fault struck. */
  readonly struck: number;
  readonly seconds: number;
}

const SENDERS = 4;
/** In each message, and in nothing else that goes over a wire. */
const MARKER = "peers-message";
const FILLER = ".".repeat(80);
const LOOK_MS = 10;
/** A cut waits for the next message; where none comes any more, it is given up. */
const CUT_MS = 60_000;
const LONGEST_PAUSE_MS = 200;
/** A receiver that processes nothing for so long has nothing to process. */
const STALLED_MS = 8_000;
/** What is missing after this much silence does not come. Every retry and restart of a client here is shorter. */
const SILENCE_MS = 20_000;
/** The same for a late repeat, when nothing is missing. */
const LAST_SILENCE_MS = 8_000;

/** Sends everything from some senders to one receiver while the fault strikes, and counts what became of it. */
export async function runTrial(way: Way, fault: Fault, { messages, kills, seed }: Size): Promise<Trial> {
  const started = performance.now();
  const random = new Random(seed);
  const running = await way.launch();
  const proxies: CutProxy[] = [];
  const proxyFrom = async (from: "client" | "server"): Promise<CutProxy> => {
    const proxy = await startCutProxy({ port: running.port, from, marker: MARKER });
    proxies.push(proxy);
    return proxy;
  };
  const senders: Sender[] = [];
  const file = join(temporaryFolder(), "journal.db");
  let receiver: ReceiverProcess | undefined;
  try {
    const senderSide = await proxyFrom("client");
    const receiverSide = await proxyFrom("server");
    const points = pointsIn(messages, kills, random);
    const deaths = fault === "receiverKilled" ? points : [];
    receiver = new ReceiverProcess({ task: running.task(receiverSide.port), file, deaths });
    await Promise.race([receiver.start(), receiver.failed]);
    for (let n = 0; n < SENDERS; n++) senders.push(await running.sender(n, senderSide.port));

    const course: Course = { fault, messages, points, receiver, ledger: new Ledger(), done: 0, missed: 0 };
    const sending = Promise.all(senders.map((sender, n) => sendAll(sender, n, course)));
    const striking =
      fault === "receiverKilled" ? undefined : strikeAll(course, { running, senderSide, receiverSide, random });
    await Promise.race([Promise.all([sending, striking]), receiver.failed]);
    await Promise.race([drain(receiver, messages), receiver.failed]);
    await receiver.stop();

    for (const { content, flagged } of takenIn(file)) {
      course.ledger.deliver({ name: content, content, redelivered: flagged });
    }
    return {
      ...countsOf(course.ledger),
      struck: struckIn(course),
      seconds: Math.round((performance.now() - started) / 1_000),
    };
  } finally {
    await receiver?.stop();
    await Promise.all(senders.map((sender) => sender.close().catch(() => undefined)));
    await Promise.all(proxies.map((proxy) => proxy.close()));
    await running.kill();
  }
}

/** Numbers of messages, evenly among all, with some chance in each. */
function pointsIn(messages: number, kills: number, random: Random): number[] {
  const step = messages / (kills + 1);
  const slack = Math.max(0, Math.floor(step / 2) - 1);
  return Array.from({ length: kills }, (_, n) => Math.max(1, Math.floor(step * (n + 1)) - random.between(0, slack)));
}

/** How far a trial has come. */
interface Course {
  readonly fault: Fault;
  readonly messages: number;
  /** The fault strikes when so many messages are sent; a receiver dies when it has processed so many. */
  readonly points: readonly number[];
  readonly receiver: ReceiverProcess;
  /** Messages are named by their content. */
  readonly ledger: Ledger;
  /** Points that are done with. */
  done: number;
  /** Points that were reached when nothing was there to strike any more. */
  missed: number;
}

const struckIn = ({ fault, receiver, done, missed }: Course): number =>
  fault === "receiverKilled" ? receiver.deaths : done - missed;

/** Each sender waits for the server's word on one message before it sends the next: its messages have an order. */
async function sendAll(sender: Sender, number: number, course: Course): Promise<void> {
  for (let count = 0; count * SENDERS + number < course.messages; count++) {
    while (isAhead(course)) await sleep(LOOK_MS);
    const content = `${MARKER} ${count} of ${number} ${FILLER}`;
    course.ledger.begin({ name: content, sender: String(number), content });
    await sender.send(content);
    course.ledger.accept(content);
  }
}

/** Messages flow at every strike: none is sent past the next point while the last one is not done with. */
function isAhead({ fault, points, receiver, ledger, done }: Course): boolean {
  const next = points[(fault === "receiverKilled" ? receiver.deaths : done) + 1];
  if (next === undefined || ledger.accepted < next) return false;
  // A receiver that has lost messages does not reach its point in time.
  return performance.now() - receiver.lastSign < STALLED_MS;
}

interface Targets {
  readonly running: Running;
  readonly senderSide: CutProxy;
  readonly receiverSide: CutProxy;
  readonly random: Random;
}

async function strikeAll(course: Course, targets: Targets): Promise<void> {
  for (const point of course.points) {
    while (course.ledger.accepted < point) await sleep(LOOK_MS);
    if (!(await strike(course.fault, targets))) course.missed++;
    course.done++;
  }
}

/** Whether there was something to strike. */
async function strike(fault: Fault, { running, senderSide, receiverSide, random }: Targets): Promise<boolean> {
  if (fault === "serverKilled") {
    await sleep(random.between(0, LONGEST_PAUSE_MS));
    await running.kill();
    await running.start();
    return true;
  }
  const proxy = fault === "senderCut" ? senderSide : receiverSide;
  return Promise.race([proxy.cut(random.pick(CUTS)).then(() => true), sleep(CUT_MS, false, { ref: false })]);
}

/** Waits for what is still on its way; starts the receiver once more, since that may fetch what is missing. */
async function drain(receiver: ReceiverProcess, messages: number): Promise<void> {
  const isAll = (): boolean => receiver.taken >= messages;
  const silent = (milliseconds: number): boolean => performance.now() - receiver.lastSign > milliseconds;
  while (!(isAll() || silent(SILENCE_MS))) await sleep(LOOK_MS);
  await receiver.stop();
  await receiver.start();
  while (!silent(isAll() ? LAST_SILENCE_MS : SILENCE_MS)) await sleep(LOOK_MS);
}

function takenIn(file: string) {
  const journal = new Journal(file);
  try {
    return journal.taken;
  } finally {
    journal.close();
  }
}
