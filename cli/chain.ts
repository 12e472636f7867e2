import { randomUUID } from "node:crypto";
import { readdirSync, readlinkSync, renameSync, rmSync, statSync } from "node:fs";
import { hostname } from "node:os";
import { basename, join } from "node:path";
import type { InboxState, Message } from "../lib/client/index.ts";
import { asObject, asText } from "../lib/contract/json.ts";
import { systemCodeOf } from "./failures.ts";
import { makeStateFolder, readState, unreadable, writeState } from "./state-folder.ts";

/*
 * Each process that receives has a chain of receipts of its own, in a file that bears its name. Two processes with one
 * chain would be one client to the server, and both get the same messages; with a chain each, a message goes to one of
 * them. A process that ends gives its file back, and the next one takes it, by renaming it: only one can. What a killed
 * process left is taken as well, so that the batch it held comes again at once, without what it had taken of it.
 */

/** What the file holds. */
interface ChainState extends InboxState {
  /** The message that was in hand when this was written. */
  readonly begun?: string | undefined;
  /** How often work on it was begun. */
  readonly attempts?: number | undefined;
}

const FREE = "free";

/** The machine's own process namespace in Linux: PROC_PID_INIT_INO of its proc_ns.h. */
const OWN_NAMESPACE = "pid:[4026531836]";

/**
 * Where a process number means this process. Two containers may have one host name, and each has a process number 1. A file's
 * name must not depend on what a machine may be called.
 */
const host = (): string => `${hostname()}${processNamespace()}`.replaceAll(/[^A-Za-z0-9]/g, "_");

function processNamespace(): string {
  try {
    const namespace = readlinkSync("/proc/self/ns/pid");
    return namespace === OWN_NAMESPACE ? "" : namespace;
  } catch {
    // Not Linux.
    return "";
  }
}

const keyOf = ({ senderId, messageId }: Message): string => `${senderId}/${messageId}`;

/** The chain of receipts of one process that receives. */
export class Chain {
  #state: ChainState;
  readonly #folder: string;
  readonly #userId: string;
  readonly #file: string;

  /** Takes over what an earlier process left, or begins a chain. */
  constructor(userId: string) {
    this.#folder = makeStateFolder();
    this.#userId = userId;
    this.#file = this.#nameOf(`${host()}.${process.pid}`);
    const isTaken = this.#files().some((file) => isLeftOver(file) && claim(file, this.#file));
    // Not the login's receipt: a process that begins at the same time would show the same one.
    this.#state = isTaken ? read(this.#file) : { receipt: randomUUID(), recent: [] };
  }

  /** Where `receive` goes on. */
  get state(): InboxState {
    const { receipt, recent } = this.#state;
    return { receipt, recent };
  }

  save(state: InboxState): void {
    const { begun, attempts } = this.#state;
    const isDone = begun === undefined || state.recent.includes(begun);
    this.#write({ ...state, ...(!isDone && { begun, attempts }) });
  }

  /** How often work on a message was begun, by any process of this user here; undefined for never. */
  attemptsAt(message: Message): number | undefined {
    const key = keyOf(message);
    const known = [this.#state, ...this.#others().map(readProgress)].filter(({ begun }) => begun === key);
    // A state of before attempts were counted has none.
    return known.length === 0 ? undefined : Math.max(...known.map(({ attempts = 1 }) => attempts));
  }

  /** Notes, before it begins, that so many attempts at a message were begun. */
  begin(message: Message, attempts: number): void {
    this.#write({ ...this.state, begun: keyOf(message), attempts });
  }

  /** Whether another process of this user here has taken the message. */
  isTakenElsewhere(message: Message): boolean {
    return this.#others().some((file) => readProgress(file).recent.includes(keyOf(message)));
  }

  /** Leaves the chain to the next process. */
  release(): void {
    claim(this.#file, this.#nameOf(FREE));
  }

  #others(): string[] {
    return this.#files().filter((file) => file !== this.#file);
  }

  #write(state: ChainState): void {
    writeState(this.#file, state);
    this.#state = state;
  }

  #nameOf(owner: string): string {
    return join(this.#folder, `${this.#prefix}${owner}.${randomUUID().slice(0, 8)}.json`);
  }

  get #prefix(): string {
    return `inbox.${this.#userId}.`;
  }

  /** All chains of the user, the one that was used last first. */
  #files(): string[] {
    return chainFiles(this.#folder, this.#prefix);
  }
}

/** Forgets all chains of a user who is no more. */
export function removeChains(userId: string): void {
  for (const file of chainFiles(makeStateFolder(), `inbox.${userId}.`)) rmSync(file, { force: true });
}

function chainFiles(folder: string, prefix: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.startsWith(prefix) && name.endsWith(".json"))
    .map((name) => join(folder, name))
    .map((file) => ({ file, time: statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0 }))
    .sort((one, other) => other.time - one.time)
    .map(({ file }) => file);
}

/** Whether nobody has the chain: it was given back, or its process is dead. */
function isLeftOver(file: string): boolean {
  const [owner = "", pid] = basename(file).split(".").slice(2);
  if (owner === FREE) return true;
  // Of another machine's processes nothing is known: what they hold comes to us when its lease is over.
  if (owner !== host()) return false;
  // In a container every process may be number 1, this one and the dead one before it.
  return Number(pid) === process.pid || !isAlive(Number(pid));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCodeOf(error) !== "ESRCH";
  }
}

function claim(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    // Another process was faster.
    if (systemCodeOf(error) === "ENOENT") return false;
    throw error;
  }
}

const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.map(asText).filter((text) => text !== undefined) : [];

function read(file: string): ChainState {
  const receipt = asText(asObject(readState(file))["receipt"]);
  if (receipt === undefined) throw unreadable(file);
  return { receipt, ...readProgress(file) };
}

/** What a chain says of messages. Its process may give it back at any moment: then it is empty. */
function readProgress(file: string): Omit<ChainState, "receipt"> {
  const { recent, begun, attempts } = asObject(readState(file));
  return {
    recent: texts(recent),
    begun: asText(begun),
    attempts: typeof attempts === "number" ? attempts : undefined,
  };
}
