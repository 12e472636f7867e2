import type { SyncAnswer } from "../../lib/channel/decision.ts";
import { digestOf, type Head, NO_HEAD } from "../../lib/channel/head.ts";
import { mayRepeat } from "../../lib/channel/ring.ts";
import type { DeliveredMessage } from "../../lib/channel/stored-message.ts";
import { InvalidToken, Unavailable } from "../../lib/runtime/errors.ts";
import { fingerprintOf, idsOf, type Position } from "../../lib/runtime/ids.ts";
import { isInOrder, isLost, Ledger } from "../support/ledger.ts";

interface HeadWrite {
  /** Of the batch that it took out; `undefined` if it left the one before out. */
  readonly batch: string | undefined;
  /** What it settled. Fingerprints. */
  readonly settled: readonly string[];
  /** The function was told that it applied. */
  readonly told: boolean;
}

/** One call of `sync`, and what became of it. */
export interface SyncCall {
  /** Without one it settles what it takes. */
  readonly ack: string | undefined;
  /** Heads of this call that the database took. */
  readonly writes: HeadWrite[];
  /**
   * `unheard`: the function died, or its response reached nobody. `failed`: it answered with an error. `refused`: since the
   * session had ended.
   */
  fate: "unheard" | "failed" | "refused" | "taken";
  /** What it took to its client. Fingerprints. */
  took: readonly string[];
  /** The latest time that it has seen, in milliseconds since the epoch. */
  latestTime: number;
}

const batchNameOf = ({ lineage, receipt }: Head): string => receipt ?? lineage.slice(0, 16);

/** A ledger that also knows what the channel's head went through. Messages are named by their positions. */
export class ProofLedger {
  readonly #ledger = new Ledger<Position>();
  readonly #calls: SyncCall[] = [];
  /** By message: the batches that heads named. */
  readonly #batches = new Map<Position, Set<string>>();
  readonly #positions = new Map<string, Position>();
  readonly failures: string[] = [];
  #head: Head | undefined;
  #waits = 0;
  #setBacks = 0;
  #openWrites = 0;
  #wasAhead = false;

  /** How many messages the channel was answered to have. */
  get accepted(): number {
    return this.#ledger.accepted;
  }

  /** A sender begins to send a message, whose content is its position. */
  begin(position: Position): void {
    this.#ledger.begin({ name: position, sender: idsOf(position).senderId, content: position });
    this.#positions.set(fingerprintOf(position), position);
  }

  /** It was answered as received. */
  accept(position: Position): void {
    this.#ledger.accept(position);
  }

  call(ack: string | undefined): SyncCall {
    const call: SyncCall = { ack, writes: [], fate: "unheard", took: [], latestTime: 0 };
    this.#calls.push(call);
    return call;
  }

  clockSetBack(): void {
    this.#setBacks++;
  }

  /** The function answered with an error. */
  failed(call: SyncCall, error: unknown): void {
    call.fate = error instanceof InvalidToken ? "refused" : "failed";
    if (error instanceof Unavailable && error.cause === "a settling write may still arrive") this.#openWrites++;
  }

  /** A head was taken by the database. */
  headWritten(head: Head, call: SyncCall, told: boolean): void {
    this.#checkLease(head, call);
    const before = new Set(this.#head?.settled);
    const settled = head.settled.filter((fingerprint) => !before.has(fingerprint));
    const renews = head.receipt !== undefined && head.receipt === this.#head?.receipt;
    this.#head = head;
    this.#wasAhead ||= head.ahead.length > 0;
    call.writes.push({ batch: renews ? undefined : batchNameOf(head), settled, told });
    const handedOut =
      call.ack === undefined ? settled.map((fingerprint) => this.#positions.get(fingerprint)) : head.outstanding;
    for (const position of handedOut) if (position) add(this.#batches, position, batchNameOf(head));
  }

  /** What happened in this run, for the summary. */
  seen(): Record<string, number> {
    const flags = this.#ledger.entries.map(({ deliveries }) => deliveries);
    const fates = this.#calls.map(({ fate }) => fate);
    return {
      redelivered: flags.flat().filter((flagged) => flagged).length,
      repeats: flags.filter(({ length }) => length > 1).length,
      waits: this.#waits,
      setBacks: this.#setBacks,
      openWrites: this.#openWrites,
      failedSyncs: fates.filter((fate) => fate === "failed").length,
      refusedSyncs: fates.filter((fate) => fate === "refused").length,
      unheardSyncs: fates.filter((fate) => fate === "unheard").length,
      headsWritten: this.#calls.flatMap(({ writes }) => writes).length,
      headsWrittenUntold: this.#calls.flatMap(({ writes }) => writes).filter(({ told }) => !told).length,
      forfeited: this.#calls.flatMap((call) => this.#forfeitedBy(call)).length,
      horizons: this.#head?.horizon ? 1 : 0,
      ahead: this.#wasAhead ? 1 : 0,
    };
  }

  /** The function returned an answer, whether or not anybody waits for it. */
  answered({ messages, retryAfter }: SyncAnswer, call: SyncCall): void {
    if (retryAfter !== undefined) this.#waits++;
    const positions = messages.map(({ position }) => position);
    this.check(isInOrder(positions), `a batch is out of order: ${positions}`);
    for (const message of messages) {
      this.check(
        message.redelivered || this.#isFirst(message, call),
        `unflagged, and not for the first time: ${message.position}`,
      );
      this.#ledger.handOut({ name: message.position, redelivered: message.redelivered });
      this.check(!message.redelivered || this.#hasReason(message, call), `flagged without reason: ${message.position}`);
    }
  }

  /** The client has the answer. */
  taken({ messages }: SyncAnswer, call: SyncCall): void {
    call.fate = "taken";
    call.took = messages.map(({ position }) => fingerprintOf(position));
    for (const { position, content, redelivered } of messages) {
      this.#ledger.deliver({ name: position, content, redelivered });
    }
  }

  /** What does not hold is kept for the end of the run. */
  check(holds: boolean, otherwise: string): void {
    if (!holds) this.failures.push(otherwise);
  }

  /** To be called when a last client has drained the channel. */
  close(): void {
    for (const call of this.#calls) this.#checkTold(call);
    const forfeited = new Set(this.#calls.flatMap((call) => this.#forfeitedBy(call)));
    for (const entry of this.#ledger.entries) {
      const { name, handedOutAsNew } = entry;
      this.check(!isLost(entry) || forfeited.has(fingerprintOf(name)), `lost: ${name}`);
      this.check(handedOutAsNew <= 1, `handed out unflagged ${handedOutAsNew} times: ${name}`);
    }
    const { foreign } = this.#ledger.verdict();
    this.check(foreign.length === 0, `never sent, or with another content: ${foreign}`);
  }

  /**
   * What the contract gives up: the messages that a sync without `ack` settled, if its response reached nobody, or if it
   * failed since it could not know that it had settled them. Fingerprints.
   */
  #forfeitedBy({ ack, writes, fate }: SyncCall): string[] {
    if (ack !== undefined || fate === "taken" || fate === "refused") return [];
    this.check(
      fate !== "failed" || writes.every(({ told }) => !told),
      "a sync failed and knew that it had settled messages",
    );
    return writes.flatMap(({ settled }) => settled);
  }

  /**
   * An answer to a sync without `ack` has in it all that the sync ever settled, also what it settled after the answer. A
   * refusal says that there is nothing.
   */
  #checkTold({ ack, writes, fate, took }: SyncCall): void {
    if (ack !== undefined || (fate !== "taken" && fate !== "refused")) return;
    const untold = writes.flatMap(({ settled }) => settled).filter((fingerprint) => !took.includes(fingerprint));
    this.check(untold.length === 0, `settled in silence: ${untold.map((one) => this.#positions.get(one))}`);
  }

  /**
   * A batch belongs to the client that shows its receipt, or the one before it, until its lease is over by any clock. A client
   * that shows the one before it gets the next batch when nothing is left of this one: it held second copies of settled
   * messages, and a late delete took them.
   */
  #checkLease(next: Head, { ack, latestTime }: SyncCall): void {
    const head = this.#head;
    if (head?.receipt === undefined || next.receipt === head.receipt) return;
    if (ack !== undefined && (ack === head.receipt || digestOf(ack) === head.previous)) return;
    this.check(head.leaseExpiresAt <= latestTime, "a batch was taken from a client whose lease was not over");
  }

  /** The first batch that ever had it is one that this call took out. */
  #isFirst({ position }: DeliveredMessage, { writes }: SyncCall): boolean {
    const [first] = this.#batches.get(position) ?? [];
    return writes.some(({ batch }) => batch !== undefined && batch === first);
  }

  /**
   * Out in two batches, or in one that this call did not take out, as far as it knows; or so old that the channel may have
   * forgotten.
   */
  #hasReason(message: DeliveredMessage, { writes }: SyncCall): boolean {
    if (mayRepeat(message, this.#head ?? NO_HEAD)) return true;
    const batches = this.#batches.get(message.position) ?? new Set();
    const own = writes.filter(({ told }) => told).map(({ batch }) => batch);
    return batches.size > 1 || [...batches].some((batch) => !own.includes(batch));
  }
}

function add<K, V>(map: Map<K, Set<V>>, key: K, value: V): void {
  const values = map.get(key) ?? new Set();
  map.set(key, values.add(value));
}
