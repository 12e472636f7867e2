import { LIMITS } from "../lib/contract/limits.ts";
import { newMessageId } from "../lib/runtime/ids.ts";
import { type Recorder, type RoundCall, roundTrips } from "../tests/support/capacity/recorder.ts";
import { askInRounds } from "./ask.ts";
import { startConnections } from "./connections.ts";
import { type Connected, type GoTalk, invoke } from "./gotalk.ts";
import { ASSUMED, add, cost, GB, invocation } from "./price-list.ts";
import { SHORT_MESSAGE } from "./short-message.ts";
import { quantile } from "./statistics.ts";

/** What a message to a group costs, by its size. */
export interface GroupFigures {
  readonly members: number;
  /** Of each member. */
  readonly devices: number;
  readonly connected: Connected;
  /** Channels that the message is put on: all but the sending one. */
  readonly copies: number;
  readonly calls: number;
  /** Calls one after the other until the message is stored, where all puts are one. */
  readonly roundTrips: number;
  /** Without those of the sender's rate: one in 50 copies at most. */
  readonly writeUnits: number;
  readonly readUnits: number;
  /** Milliseconds of the handler on the local engine, median. */
  readonly milliseconds: number;
  /** Of the processor here, for one message. */
  readonly processor: number;
  /** The same on AWS, by {@link onAws}. */
  readonly awsMilliseconds: number;
  /** For a thousand such messages, by the prices of AWS. What the members' syncs cost is not in it. */
  readonly dollars: number;
}

/** Members, and devices of each; and whether the members are connected. The last is as many as one request reaches. */
const SIZES = [
  [2, 1, "never"],
  [10, 1, "never"],
  [50, 1, "never"],
  [100, 1, "never"],
  [100, 1, "before"],
  [100, 1, "now"],
  [100, 2, "never"],
  [100, 10, "never"],
] as const;

const WARM_UP = 3;

const LOOK_UP = "QueryCommand";
const RATE = "UpdateItemCommand";

/** A function of 512 MB has such a part of a processor, see serverless.yml. */
const AWS_PROCESSOR = 512 / ASSUMED.processorMb;
/** What the SDK makes at once. */
const SOCKETS = 50;

/** Sends messages to groups of each size, through the handler. */
export async function measureGroups(gotalk: GoTalk, recorder: Recorder, messages: number): Promise<GroupFigures[]> {
  const connections = await startConnections();
  gotalk.tellBy(connections.endpoint);
  try {
    return await measureSizes(gotalk, recorder, messages);
  } finally {
    await connections.stop();
  }
}

async function measureSizes(gotalk: GoTalk, recorder: Recorder, messages: number): Promise<GroupFigures[]> {
  const figures: GroupFigures[] = [];
  for (const [at, [members, devices, connected]] of SIZES.entries()) {
    const name = `group.${at}`;
    const [sender] = await gotalk.onDevices(await gotalk.newAccount(name), devices);
    if (sender === undefined) throw new Error("nobody has a device");
    const group = await gotalk.newGroup(sender, members, devices, connected);
    // As goTalk's clients send: with an id of their own, by which they may repeat it.
    const send = () => gotalk.sendTo(group, sender, SHORT_MESSAGE, newMessageId(Date.now()));
    for (let warm = 0; warm < WARM_UP; warm++) await invoke(send());
    const { calls, answerBytes, metricsBytes } = await askInRounds(recorder, send());
    const units = calls.filter(({ command }) => command !== RATE).map((call) => call.units);
    const times: number[] = [];
    recorder.asksForUnits = false;
    const before = process.cpuUsage();
    for (let sent = 0; sent < messages; sent++) {
      const startedAt = performance.now();
      await invoke(send());
      times.push(performance.now() - startedAt);
    }
    const { user, system } = process.cpuUsage(before);
    recorder.asksForUnits = true;
    const processor = (user + system) / 1_000 / messages;
    const copies = members * devices - 1;
    const writeUnits = units.reduce((sum, { write }) => sum + write, 0);
    const readUnits = units.reduce((sum, { read }) => sum + read, 0);
    const lookUps = calls.filter(({ command }) => command === LOOK_UP).length;
    const wakes = connected === "now" ? (members - 1) * devices : 0;
    const awsMilliseconds = onAws({ copies, lookUps, wakes, processor });
    const used = add(
      {
        edgeRequest: 1,
        httpRequest: 1,
        trafficGb: (answerBytes + ASSUMED.headerBytes) / GB,
        logGb: ASSUMED.accessLogBytes / GB,
        writeUnit: writeUnits,
        readUnit: readUnits,
        webSocketMessage: wakes,
      },
      invocation("send", 0, awsMilliseconds, metricsBytes),
    );
    figures.push({
      members,
      devices,
      connected,
      copies,
      calls: calls.length,
      roundTrips: stepsOf(calls, copies),
      writeUnits,
      readUnits,
      milliseconds: quantile(times, 0.5),
      processor,
      awsMilliseconds,
      dollars: 1_000 * cost(used),
    });
  }
  return figures;
}

/**
 * The calls one after the other. The puts of all copies run side by side and are one step, in as many turns as they need. A second
 * put on a channel, or a read after the puts, is a step more.
 */
const stepsOf = (calls: readonly RoundCall[], copies: number): number =>
  roundTrips(calls) - (Math.ceil(copies / LIMITS.putsAtOnce) - 1);

/**
 * By the model: two calls, then the puts and the look-ups by as many at once as the client makes, then the wakes by as many at once as
 * are made; or the time of the processor for all of it, if that is longer. A wake is a call of API Gateway, which takes as long as one
 * of the database.
 */
function onAws({
  copies,
  lookUps,
  wakes,
  processor,
}: Readonly<Record<"copies" | "lookUps" | "wakes" | "processor", number>>): number {
  const puts = Math.max(Math.ceil(copies / LIMITS.putsAtOnce), Math.ceil((copies + lookUps) / SOCKETS));
  const turns = 2 + puts + Math.ceil(wakes / LIMITS.groups.wokenAtOnce);
  const { roundTripMs } = ASSUMED;
  return Math.max(turns * roundTripMs, 2 * roundTripMs + processor / AWS_PROCESSOR);
}
