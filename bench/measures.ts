import { LIMITS } from "../lib/contract/limits.ts";
import { BUNDLE_BYTES } from "../tests/support/bundles.ts";
import type { ColdStarts } from "./cold-start.ts";
import type { Counts } from "./counts.ts";
import type { Drain, EngineDrains } from "./drain.ts";
import type { GroupFigures } from "./groups.ts";
import type { Overheads } from "./overhead.ts";
import type { PageLatency } from "./page-latency.ts";
import { OPEN_MS, type PageOpening } from "./page-opening.ts";
import { type PagePicture, PICTURE_RATIO } from "./page-picture.ts";
import type { Prices } from "./prices.ts";
import type { Overhead } from "./side-by-side.ts";
import type { StackFigures } from "./stack.ts";
import type { Throughput } from "./throughput.ts";

/** Something that was measured, and its bound. */
export interface Measure {
  readonly name: string;
  readonly is: number;
  readonly mustBe: "at most" | "at least";
  readonly bound: number;
  /** It was counted, so that it is the same on every machine, and a run that misses it has failed. */
  readonly isCount: boolean;
}

export const isMet = ({ is, mustBe, bound }: Measure): boolean => (mustBe === "at most" ? is <= bound : is >= bound);

const countAtMost = (name: string, is: number, bound: number): Measure => ({
  name,
  is,
  mustBe: "at most",
  bound,
  isCount: true,
});

const timeAtMost = (name: string, is: number, bound: number): Measure => ({
  ...countAtMost(name, is, bound),
  isCount: false,
});

export const ofCounts = ({ lone, batch100, emptySync, send, devices, devicesSend }: Counts): Measure[] => [
  countAtMost("write units, lone message", lone.writeUnits, 3),
  countAtMost("write units per message, batches of 100", batch100.writeUnits, 2.1),
  countAtMost("empty sync: write units", emptySync.writeUnits, 0),
  countAtMost("empty sync: read units", emptySync.readUnits, 1.5),
  countAtMost("send: write units", send.writeUnits, 1),
  countAtMost("send: read units", send.readUnits, 4.5),
  countAtMost("send: round trips", send.roundTrips, 2),
  countAtMost("write units, lone message, two devices each", devices.writeUnits, 9),
  countAtMost("send, two devices each: round trips", devicesSend.roundTrips, 2),
];

export const ofGroups = (figures: readonly GroupFigures[]): Measure[] => [
  countAtMost(
    "message to a group: write units beyond one for each copy",
    Math.max(...figures.map(({ writeUnits, copies }) => writeUnits - copies)),
    0,
  ),
  countAtMost("message to a group: round trips", Math.max(...figures.map((figure) => figure.roundTrips)), 3),
  ...figures
    .filter((one) => one.members === LIMITS.groups.members && one.devices === 1)
    .flatMap(({ connected, milliseconds, awsMilliseconds }) => [
      timeAtMost(
        `message to 100 members with one device (connected: ${connected}): ms on the engine`,
        milliseconds,
        3_000,
      ),
      timeAtMost(
        `message to 100 members with one device (connected: ${connected}): ms on AWS, by the model`,
        awsMilliseconds,
        250,
      ),
    ]),
  ...figures
    .filter(({ copies }) => copies + 1 === LIMITS.groups.channelsOfSend)
    .map(({ awsMilliseconds }) =>
      timeAtMost("message to 1,000 devices: ms on AWS, by the model", awsMilliseconds, LIMITS.requestTime),
    ),
];

/** Milliseconds that a handler may take beside its bare calls, whatever part of them that is. */
const FEW = 0.5;

/** A handler's time over its bare calls'; or beside theirs, if that is so little that no person and no bill notices it. */
const overheadAtMost = (name: string, { handler, calls, ratio }: Overhead, bound: number): Measure =>
  handler - calls <= FEW
    ? timeAtMost(`${name}: handler time beside bare calls, ms`, handler - calls, FEW)
    : timeAtMost(`${name}: handler time / bare calls`, ratio, bound);

export const ofOverheads = ({ send, sync, emptySync, batch100Sync }: Overheads): Measure[] => [
  overheadAtMost("send", send, 1.15),
  overheadAtMost("sync", sync, 1.15),
  overheadAtMost("empty sync", emptySync, 1.25),
  overheadAtMost("sync of 100 messages", batch100Sync, 1.15),
];

/** Dollars. Nearly all of them are counted; the part of Lambda depends on the processor time that was measured. */
export const ofPrices = ({ perMillionMessages: [messages], perUserMonth: [user] }: Prices): Measure[] => [
  // 0.25 of them are for the strongly consistent reads of both users' devices, without which a device that has just come misses
  // messages.
  timeAtMost("dollars for a million messages, one by one", messages?.lone ?? Number.NaN, 8.05),
  timeAtMost("dollars for a user-month, woken", user?.woken ?? Number.NaN, 0.13),
];

export const ofColdStarts = ({ send, sync }: ColdStarts): Measure[] => [
  timeAtMost("send: cold start / SDK alone", send.ratio, 1.25),
  timeAtMost("sync: cold start / SDK alone", sync.ratio, 1.25),
];

export const ofThroughputs = (throughputs: readonly Throughput[]): Measure[] => [
  {
    name: "throughput / bare calls, worst",
    is: Math.min(...throughputs.map(({ ratio }) => ratio)),
    mustBe: "at least",
    bound: 0.75,
    isCount: false,
  },
];

/** They depend on what else the machine does: a frame that is late is lost, and its message comes by a sync. */
export const ofPage = ({ latencyPreviewRatio, syncsPerMessage, receiptsPerMessage }: PageLatency): Measure[] => [
  timeAtMost("page: latency with previews / without them", latencyPreviewRatio, 0.7),
  timeAtMost("page: syncs for each message, two people who write every 2 s", syncsPerMessage, 0.6),
  timeAtMost("page: receipts for each message, the same two", receiptsPerMessage, 0.5),
];

export const ofPicture = ({ pictureRatio }: PagePicture): Measure[] => [
  timeAtMost("page: a picture of 10 MB, chosen to shown / a bare PUT and GET", pictureRatio, PICTURE_RATIO),
];

export const ofOpening = ({ openMs }: PageOpening): Measure[] => [
  timeAtMost("page: ms to open a conversation of 10,000 messages", openMs, OPEN_MS),
];

export const ofStack = ({ megabytes, bootSeconds, share }: StackFigures): Measure[] => [
  timeAtMost("local stack: megabytes when fresh", megabytes, 350),
  timeAtMost("local stack: seconds from its command to its first answer", bootSeconds, 2),
  { name: "local stack: messages / bare calls", is: share, mustBe: "at least", bound: 0.75, isCount: false },
];

export const ofDrains = (measured: readonly EngineDrains[]): Measure[] =>
  measured.flatMap(({ engine, drains }) => [
    countAtMost(`drain on ${engine}: units, largest / smallest`, flatness(drains, unitsOf), 1.1),
    timeAtMost(`drain on ${engine}: time, largest / smallest`, flatness(drains, timeOf), 1.3),
    timeAtMost(`drain on ${engine}: processor time, largest / smallest`, flatness(drains, processorOf), 1.3),
  ]);

/** @param bytes Of each function's bundle. */
export const ofBundles = (bytes: Readonly<Record<string, number>>): Measure[] =>
  Object.entries(bytes).map(([name, is]) => countAtMost(`${name}: bundle, bytes`, is, BUNDLE_BYTES));

const unitsOf = ({ writeUnitsPerMessage, readUnitsPerMessage }: Drain): number =>
  writeUnitsPerMessage + readUnitsPerMessage;
const timeOf = ({ timePerMessage }: Drain): number => timePerMessage;
const processorOf = ({ processorPerMessage }: Drain): number => processorPerMessage;

function flatness(drains: readonly Drain[], of: (drain: Drain) => number): number {
  const [first, last] = [drains[0], drains.at(-1)];
  return first && last ? of(last) / of(first) : Number.NaN;
}
