import { randomUUID } from "node:crypto";
import { readdirSync, readlinkSync, renameSync, rmSync, statSync } from "node:fs";
import { hostname } from "node:os";
import { basename, join } from "node:path";
import { type InboxState, keyOf, type Message } from "../lib/client/index.ts";
import { asObject, asText } from "../lib/contract/json.ts";
import { systemCodeOf } from "./failures.ts";
import { latestOf, type ReadSetting, readSettingIn, savedReadSetting } from "./read-setting.ts";
import { makeStateFolder, readState, unreadable, writeState } from "./state-folder.ts";

/*
 * Each receiving process has its own chain of receipts, in a file that bears its number. To the server, two processes
 * with one chain would be one client, and both would get the same messages. With a chain each, a message goes to one of
 * them. When a process ends it frees its file. The next process claims the file by renaming it, which only one process
 * can do. It also claims the file of a killed process, so that the batch of that process is redelivered at once,
 * without the messages that were processed.
 */

/** The content of the file. */
interface ChainState extends InboxState {
  /** The message whose command was begun last, until it is processed. */
  readonly begun?: string | undefined;
  /** How many attempts at it were begun. */
  readonly attempts?: number | undefined;
  /** The setting "Read receipts", as it came on this chain last. */
  readonly readSetting?: ReadSetting | undefined;
}

const FREE = "free";

/** The machine's own process namespace on Linux: PROC_PID_INIT_INO of its proc_ns.h. */
const OWN_NAMESPACE = "pid:[4026531836]";

/**
 * The part of the world in which a process number is unique. Two containers may have the same host name, and each has a
 * process number 1. Special characters of a host name must not get into a file's name.
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

/** The chain of receipts of one receiving process. */
export class Chain {
  #state: ChainState;
  readonly #folder: string;
  readonly #userId: string;
  readonly #file: string;

  /** Claims the chain of an earlier process, or begins a new one. */
  constructor(userId: string) {
    this.#folder = makeStateFolder();
    this.#userId = userId;
    this.#file = this.#nameOf(`${host()}.${process.pid}`);
    const isClaimed = this.#files().some((file) => isLeftOver(file) && claim(file, this.#file));
    // Not the login's receipt: another process that begins now would show the same receipt.
    this.#state = isClaimed ? read(this.#file) : { receipt: randomUUID(), recent: [] };
  }

  /** Where `receive` goes on. */
  get state(): InboxState {
    const { receipt, recent, deviceId } = this.#state;
    return { receipt, recent, deviceId };
  }

  save(state: InboxState): void {
    const { begun, attempts, readSetting } = this.#state;
    const isDone = begun === undefined || state.recent.includes(begun);
    this.#write({ ...state, readSetting, ...(!isDone && { begun, attempts }) });
  }

  /** Keeps what a message says about the user's settings. It is saved with the state that is saved next. */
  hear(message: Message): void {
    const readSetting = latestOf([this.#state.readSetting, readSettingIn(message, this.#userId)]);
    this.#state = { ...this.#state, readSetting };
  }

  /** Whether people are told what the user has read. Any process of this user on this computer may have got the setting. */
  get tellsRead(): boolean {
    const others = this.#others().map((file) => readProgress(file).readSetting);
    return latestOf([this.#state.readSetting, ...others])?.hides !== true;
  }

  /** How many attempts at a message were begun, by all processes of this user on this computer. Undefined for none. */
  attemptsAt(message: Message): number | undefined {
    const key = keyOf(message);
    const known = [this.#state, ...this.#others().map(readProgress)].filter(({ begun }) => begun === key);
    // Older versions did not count attempts.
    return known.length === 0 ? undefined : Math.max(...known.map(({ attempts = 1 }) => attempts));
  }

  /** Saves the number of attempts at a message. Call it before an attempt begins. */
  begin(message: Message, attempts: number): void {
    this.#write({ ...this.#state, begun: keyOf(message), attempts });
  }

  /** Whether another process of this user on this computer has processed the message. */
  isProcessedElsewhere(message: Message): boolean {
    return this.#others().some((file) => readProgress(file).recent.includes(keyOf(message)));
  }

  /** Frees the chain for the next process. */
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

  /** All chains of the user, last used first. */
  #files(): string[] {
    return chainFiles(this.#folder, this.#prefix);
  }
}

/** Removes all chains of a deleted user. */
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

/** Whether no process uses the chain: it was freed, or its process is dead. */
function isLeftOver(file: string): boolean {
  const [owner = "", pid] = basename(file).split(".").slice(2);
  if (owner === FREE) return true;
  // The processes of another machine are unknown. Their messages are redelivered when the lease is over.
  if (owner !== host()) return false;
  // In a container every process may be number 1: this process and the dead one before it.
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

/** The messages in a chain. Its process may free it at any moment: then there are none. */
function readProgress(file: string): Omit<ChainState, "receipt"> {
  const { recent, deviceId, begun, attempts, readSetting } = asObject(readState(file));
  return {
    recent: texts(recent),
    deviceId: asText(deviceId),
    begun: asText(begun),
    attempts: typeof attempts === "number" ? attempts : undefined,
    readSetting: savedReadSetting(readSetting),
  };
}
