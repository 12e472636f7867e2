import type { DeliveredMessage, SyncAnswer } from "../../lib/delivery.ts";
import type { Head } from "../../lib/head.ts";
import { fingerprintOf, type Position } from "../../lib/ids.ts";
import { mayRepeat } from "../../lib/ring.ts";

/** One call of `sync`, and what became of it. */
export interface SyncCall {
  /** Without one it settles what it takes. */
  readonly ack: string | undefined;
  /** Heads of this call that the database took. `told`: the function was told so. */
  readonly writes: { readonly settled: readonly string[]; readonly told: boolean }[];
  /** `unheard`: the function died, or its response reached nobody. `failed`: it answered with an error. */
  fate: "unheard" | "failed" | "taken";
}

const nameOf = ({ lineage, receipt }: Head): string => receipt ?? lineage.slice(0, 16);

/** What senders were told, what receivers got, and what the channel's head went through. */
export class Ledger {
  /** Answered as received. */
  readonly owed = new Set<Position>();
  /** As they reached a client, in their order. */
  readonly arrived = new Map<Position, boolean[]>();
  readonly #calls: SyncCall[] = [];
  /** By message: the receipts under which the server handed it out unflagged, to whomever. */
  readonly firstHands = new Map<Position, Set<string>>();
  /** By message: the batches that heads named. */
  readonly #batches = new Map<Position, Set<string>>();
  readonly #positions = new Map<string, Position>();
  readonly failures: string[] = [];
  #head: Head | undefined;
  #waits = 0;

  /** A message exists. */
  meet(position: Position): void {
    this.#positions.set(fingerprintOf(position), position);
  }

  call(ack: string | undefined): SyncCall {
    const call: SyncCall = { ack, writes: [], fate: "unheard" };
    this.#calls.push(call);
    return call;
  }

  /** A head was taken by the database, at the time `now`. */
  headWritten(head: Head, call: SyncCall, told: boolean, now: number): void {
    this.#checkLease(head, call, now);
    const before = new Set(this.#head?.settled);
    const settled = head.settled.filter((fingerprint) => !before.has(fingerprint));
    this.#head = head;
    call.writes.push({ settled, told });
    const handedOut =
      call.ack === undefined ? settled.map((fingerprint) => this.#positions.get(fingerprint)) : head.outstanding;
    for (const position of handedOut) if (position) add(this.#batches, position, nameOf(head));
  }

  /** What happened in this run, for the summary. */
  seen(): Record<string, number> {
    const flags = [...this.arrived.values()];
    const fates = this.#calls.map(({ fate }) => fate);
    return {
      redelivered: flags.flat().filter((flagged) => flagged).length,
      repeats: flags.filter(({ length }) => length > 1).length,
      waits: this.#waits,
      failedSyncs: fates.filter((fate) => fate === "failed").length,
      unheardSyncs: fates.filter((fate) => fate === "unheard").length,
      headsWritten: this.#calls.flatMap(({ writes }) => writes).length,
      headsWrittenUntold: this.#calls.flatMap(({ writes }) => writes).filter(({ told }) => !told).length,
      forfeited: this.#calls.flatMap((call) => this.#forfeitedBy(call)).length,
      horizons: this.#head?.horizon ? 1 : 0,
    };
  }

  /** The function returned an answer, whether or not anybody waits for it. */
  answered({ messages, receipt, retryAfter }: SyncAnswer): void {
    if (retryAfter !== undefined) this.#waits++;
    const positions = messages.map(({ position }) => position);
    this.check(positions.join() === [...positions].sort().join(), `a batch is out of order: ${positions}`);
    for (const message of messages) {
      if (!message.redelivered) add(this.firstHands, message.position, receipt);
      this.check(!message.redelivered || this.#hasReason(message), `flagged without reason: ${message.position}`);
    }
  }

  /** The client has the answer. */
  taken({ messages }: SyncAnswer, call: SyncCall): void {
    call.fate = "taken";
    for (const { position, redelivered } of messages) {
      this.arrived.set(position, [...(this.arrived.get(position) ?? []), redelivered]);
    }
  }

  /** What does not hold is kept for the end of the run. */
  check(holds: boolean, otherwise: string): void {
    if (!holds) this.failures.push(otherwise);
  }

  /** To be called when a last client has drained the channel. */
  close(): void {
    const forfeited = new Set(this.#calls.flatMap((call) => this.#forfeitedBy(call)));
    for (const position of this.owed) {
      const delivered = this.arrived.has(position) || forfeited.has(fingerprintOf(position));
      this.check(delivered, `lost: ${position}`);
    }
    for (const [position, flags] of this.arrived) {
      this.check(flags.filter((flagged) => !flagged).length <= 1, `twice unflagged at clients: ${position}`);
    }
    for (const [position, receipts] of this.firstHands) {
      this.check(receipts.size <= 1, `handed out unflagged in ${receipts.size} batches: ${position}`);
    }
  }

  /**
   * What the contract gives up: the messages that a sync without `ack` settled, if its response reached nobody, or if it
   * failed since it could not know that it had settled them. Fingerprints.
   */
  #forfeitedBy({ ack, writes, fate }: SyncCall): string[] {
    if (ack !== undefined || fate === "taken") return [];
    this.check(
      fate !== "failed" || writes.every(({ told }) => !told),
      "a sync failed and knew that it had settled messages",
    );
    return writes.flatMap(({ settled }) => settled);
  }

  /** A batch belongs to whoever shows its receipt, or the one before it, until its lease is over. */
  #checkLease(next: Head, { ack }: SyncCall, now: number): void {
    const head = this.#head;
    if (head?.receipt === undefined || next.receipt === head.receipt || ack === head.receipt) return;
    this.check(head.leaseExpiresAt <= now, "a batch was taken from a client whose lease was not over");
  }

  /** Out in two batches, or so old that the channel may have forgotten. */
  #hasReason({ position }: DeliveredMessage): boolean {
    return (this.#batches.get(position)?.size ?? 0) > 1 || mayRepeat(position, this.#head?.horizon ?? "");
  }
}

function add<K, V>(map: Map<K, Set<V>>, key: K, value: V): void {
  const values = map.get(key) ?? new Set();
  map.set(key, values.add(value));
}
