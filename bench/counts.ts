import { LIMITS } from "../lib/contract/limits.ts";
import { bucketKey } from "../lib/database/account-keys.ts";
import { type Call, type Recorder, roundTrips } from "../tests/support/capacity/recorder.ts";
import { addUnits, type Item, itemSize, NO_UNITS, type Units } from "../tests/support/capacity/units.ts";
import { type Answered, type AnsweredInRounds, askInRounds } from "./ask.ts";
import { type Account, type GoTalk, invoke, type SyncResult } from "./gotalk.ts";
import { SHORT_MESSAGE } from "./short-message.ts";

/**
 * What something costs: of one request, or of one message from its send to its end. Without the renewals of the users' leases,
 * except for the round trips.
 */
export interface Count {
  readonly calls: number;
  /** Calls one after the other, of the longest request. A renewal of a lease is among them. */
  readonly roundTrips: number;
  readonly writeUnits: number;
  readonly readUnits: number;
  /** By the engine's own account. */
  readonly engineWriteUnits: number;
  readonly engineReadUnits: number;
  /** To the database and from it. */
  readonly bytesSent: number;
  readonly bytesReceived: number;
  /** Of the answers to the client. */
  readonly answerBytes: number;
  /** Of the metrics in the log. */
  readonly metricsBytes: number;
  readonly renewals: Renewals;
}

/**
 * What the users' rates cost: a program that goes on all the time renews its lease once in `LIMITS.send.lease` messages, and once
 * in `LIMITS.sync.lease` syncs, see `lib/rates/user-limit.ts`.
 */
interface Renewals {
  /** All that were counted. */
  readonly requests: number;
  /** Those of them that renewed a lease. */
  readonly renewing: number;
  /** In total. */
  readonly writeUnits: number;
  readonly readUnits: number;
}

export interface Counts {
  readonly send: Count;
  /** A sync that finds nothing, in a channel that has been used. */
  readonly emptySync: Count;
  /** The same in a channel that has never been used: here the engines count differently. */
  readonly firstSync: Count;
  /** Of one message: its send and the sync that hands it out and settles the one before. */
  readonly lone: Count;
  readonly loneSync: Count;
  /** The same with goTalk's two parameters, which settle at once. */
  readonly loneWithoutAck: Count;
  readonly loneWithoutAckSync: Count;
  /**
   * Of one message that is alone for a while: its send, the sync that hands it out, and the sync that settles it and finds
   * nothing more.
   */
  readonly sparse: Count;
  readonly sparseSync: Count;
  readonly settlingSync: Count;
  /** Of one message: its send, and its part of the syncs that drain a backlog of full batches. */
  readonly batch100: Count;
  /** Of one sync of them. */
  readonly batch100Sync: Count;
  readonly batch100WithoutAck: Count;
  /**
   * Of one message between two users with two devices each: its send, and on each of the three devices that get it the sync that
   * hands it out and settles the one before.
   */
  readonly devices: Count;
  /** Of its send. */
  readonly devicesSend: Count;
}

/** {@link Counts}, and how large an item of a message is in the table, in bytes. */
export interface Counted {
  readonly counts: Counts;
  readonly messageBytes: number;
}

/** More messages than the head remembers at least: from then on it has its full size. */
const WARM_UP = 60;
const BATCH = 100;

/**
 * Counts, through the handlers, what one request and one message cost. Nothing here depends on time.
 *
 * @param repetitions Of a lone message.
 * @param batches Full ones, one after the other.
 */
export async function count(
  gotalk: GoTalk,
  recorder: Recorder,
  repetitions: number,
  batches: number,
): Promise<Counted> {
  const sender = await gotalk.newAccount("count.sender");

  /** One message after the other, each taken at once. */
  async function converse(bob: Account, first: string | undefined) {
    const sends: AnsweredInRounds[] = [];
    const syncs: AnsweredInRounds[] = [];
    let ack = first;
    for (let turn = 0; turn < WARM_UP + repetitions; turn++) {
      const send = await askInRounds(recorder, gotalk.sendTo(bob, sender, SHORT_MESSAGE));
      const sync = await askInRounds<SyncResult>(recorder, gotalk.syncOf(bob, ack));
      expectMessages(sync.result, 1);
      if (ack !== undefined) ack = sync.result.receipt;
      if (turn < WARM_UP) continue;
      sends.push(send);
      syncs.push(sync);
    }
    return { sends, syncs, ack };
  }

  /** A message, and for a while no other. */
  async function chat(bob: Account, first: string) {
    const sends: AnsweredInRounds[] = [];
    const syncs: AnsweredInRounds[] = [];
    const settlings: AnsweredInRounds[] = [];
    let ack = first;
    for (let turn = 0; turn < repetitions; turn++) {
      sends.push(await askInRounds(recorder, gotalk.sendTo(bob, sender, SHORT_MESSAGE)));
      const sync = await askInRounds<SyncResult>(recorder, gotalk.syncOf(bob, ack));
      expectMessages(sync.result, 1);
      const settling = await askInRounds<SyncResult>(recorder, gotalk.syncOf(bob, sync.result.receipt));
      expectMessages(settling.result, 0);
      ack = settling.result.receipt;
      syncs.push(sync);
      settlings.push(settling);
    }
    return { sends, syncs, settlings, ack };
  }

  /** A backlog of full batches, drained; with the sync that settles the last of them. */
  async function drain(bob: Account, first: string | undefined) {
    const messages = BATCH * batches;
    const sends: AnsweredInRounds[] = [];
    for (let sent = 0; sent < messages; sent++) {
      sends.push(await askInRounds(recorder, gotalk.sendTo(bob, sender, SHORT_MESSAGE)));
    }
    const syncs: AnsweredInRounds[] = [];
    let ack = first;
    for (let batch = 0; batch < batches; batch++) {
      const sync = await askInRounds<SyncResult>(recorder, gotalk.syncOf(bob, ack));
      expectMessages(sync.result, BATCH);
      if (ack !== undefined) ack = sync.result.receipt;
      syncs.push(sync);
    }
    const last = await askInRounds<SyncResult>(recorder, gotalk.syncOf(bob, ack));
    expectMessages(last.result, 0);
    return { sends, syncs: [...syncs, last], messages };
  }

  /** One message after the other between two people with two devices each, taken on each device at once. */
  async function converseOnDevices() {
    const [sending, ...others] = await gotalk.onDevices(await gotalk.newAccount("count.erin"), 2);
    const receivers = await gotalk.onDevices(await gotalk.newAccount("count.frank"), 2);
    const taking = [...receivers, ...others].map((account) => ({ account, ack: account.receipt }));
    const [to] = receivers;
    if (sending === undefined || to === undefined) throw new Error("nobody has a device");
    const sends: AnsweredInRounds[] = [];
    const syncs: AnsweredInRounds[] = [];
    for (let turn = 0; turn < LIMITS.settledKept + repetitions; turn++) {
      const send = await askInRounds(recorder, gotalk.sendTo(to, sending, SHORT_MESSAGE));
      const taken: AnsweredInRounds[] = [];
      for (const on of taking) {
        const sync = await askInRounds<SyncResult>(recorder, gotalk.syncOf(on.account, on.ack));
        expectMessages(sync.result, 1);
        on.ack = sync.result.receipt;
        taken.push(sync);
      }
      if (turn < LIMITS.settledKept) continue;
      sends.push(send);
      syncs.push(...taken);
    }
    return { sends, syncs };
  }

  const nobody = await gotalk.newAccount("count.nobody");
  const firstSync = await askInRounds<SyncResult>(recorder, gotalk.syncOf(nobody, nobody.receipt));
  const bob = await gotalk.newAccount("count.bob");
  const conversation = await converse(bob, bob.receipt);
  await invoke(gotalk.syncOf(bob, conversation.ack));
  const empty = await askInRounds<SyncResult>(recorder, gotalk.syncOf(bob, conversation.ack));
  expectMessages(empty.result, 0);
  const sparse = await chat(bob, conversation.ack ?? "");
  const backlog = await drain(bob, sparse.ack);
  const carol = await gotalk.newAccount("count.carol");
  const conversationWithoutAck = await converse(carol, undefined);
  const backlogWithoutAck = await drain(carol, undefined);
  const onDevices = await converseOnDevices();

  const counts = {
    send: average(conversation.sends, repetitions),
    emptySync: average([empty], 1),
    firstSync: average([firstSync], 1),
    lone: average([...conversation.sends, ...conversation.syncs], repetitions),
    loneSync: average(conversation.syncs, repetitions),
    loneWithoutAck: average([...conversationWithoutAck.sends, ...conversationWithoutAck.syncs], repetitions),
    loneWithoutAckSync: average(conversationWithoutAck.syncs, repetitions),
    sparse: average([...sparse.sends, ...sparse.syncs, ...sparse.settlings], repetitions),
    sparseSync: average(sparse.syncs, repetitions),
    settlingSync: average(sparse.settlings, repetitions),
    batch100: average([...backlog.sends, ...backlog.syncs], backlog.messages),
    batch100Sync: average(backlog.syncs.slice(1, batches), batches - 1),
    batch100WithoutAck: average([...backlogWithoutAck.sends, ...backlogWithoutAck.syncs], backlogWithoutAck.messages),
    devices: average([...onDevices.sends, ...onDevices.syncs], onDevices.sends.length),
    devicesSend: average(onDevices.sends, onDevices.sends.length),
  };
  return { counts, messageBytes: messageBytes(conversation.sends) };
}

/** Of the item that the sends put into the table. */
function messageBytes(sends: readonly Answered[]): number {
  const put = sends.flatMap(({ calls }) => calls).find(({ command }) => command === "PutItemCommand");
  return itemSize(put?.input["Item"] as Item);
}

function expectMessages({ messages }: SyncResult, expected: number): void {
  if (messages.length !== expected) {
    throw new Error(`a sync handed out ${messages.length} messages, and not ${expected}: the counts would be wrong`);
  }
}

/** What requests cost, divided. */
export function unitsEach(requests: readonly Answered[], divisor: number): Pick<Count, "writeUnits" | "readUnits"> {
  const { write, read } = unitsOf(requests.flatMap(withoutRenewals));
  return { writeUnits: write / divisor, readUnits: read / divisor };
}

function average(requests: readonly AnsweredInRounds[], divisor: number): Count {
  const calls = requests.flatMap(withoutRenewals);
  const engineUnits = calls.reduce((sum, call) => addUnits(sum, call.engineUnits), NO_UNITS);
  return {
    calls: calls.length / divisor,
    roundTrips: Math.max(...requests.map((request) => roundTrips(request.calls))),
    ...unitsEach(requests, divisor),
    engineWriteUnits: engineUnits.write / divisor,
    engineReadUnits: engineUnits.read / divisor,
    bytesSent: calls.reduce((sum, { bytes }) => sum + bytes.sent, 0) / divisor,
    bytesReceived: calls.reduce((sum, { bytes }) => sum + bytes.received, 0) / divisor,
    answerBytes: requests.reduce((sum, { answerBytes }) => sum + answerBytes, 0) / divisor,
    metricsBytes: requests.reduce((sum, request) => sum + request.metricsBytes, 0) / divisor,
    renewals: renewalsOf(requests),
  };
}

function renewalsOf(requests: readonly Answered[]): Renewals {
  const renewing = requests.map(({ calls }) => calls.filter(isRenewal)).filter((calls) => calls.length > 0);
  const { write, read } = unitsOf(renewing.flat());
  return { requests: requests.length, renewing: renewing.length, writeUnits: write, readUnits: read };
}

const BUCKETS = new Set((["sending", "syncing"] as const).map((bucket) => bucketKey("", bucket).record));

/** A call that takes a lease out of a user's bucket, or that looks how full the bucket is. */
const isRenewal = ({ input }: Call): boolean => BUCKETS.has((input["Key"] as Item | undefined)?.["record"]?.S ?? "");

const withoutRenewals = ({ calls }: Answered): Call[] => calls.filter((call) => !isRenewal(call));

const unitsOf = (calls: readonly Call[]): Units => calls.reduce((sum, call) => addUnits(sum, call.units), NO_UNITS);
