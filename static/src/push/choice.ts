import { signal } from "@preact/signals";
import { attempt, isRecord } from "../storage/safely.ts";
import { KEPT } from "./kept.ts";

/** What a user has chosen on this device. */
export interface Choice {
  readonly isOff?: boolean;
  readonly showText?: boolean;
  /** The person was asked, and wants to be left alone. */
  readonly isDismissed?: boolean;
}

/** What was told to the server last. */
export interface Told {
  /** The session's. */
  readonly token: string;
  readonly telling: string;
  /** When, in milliseconds. */
  readonly at: number;
}

const CHOICES = `${KEPT}.`;

/**
 * Apart from the choices: a tab that tells the server must not write back what another one has just changed, and no tab has to look
 * again when another one has told.
 */
const TOLD = `${KEPT}-told`;

/** What the browser does not store, by its key. It lasts as long as the tab. */
const inMemory = new Map<string, string>();

/** Counts the changes of this tab and of the others, for what shows a choice. */
export const changes = signal(0);

/** What a user has chosen on this device. It is read anew each time: another tab may have changed it. */
export const choiceOf = (id: string): Choice => (read(CHOICES + id) as Choice | undefined) ?? olderOf(id) ?? {};

/** Changes nothing else of the record. */
export function choose(id: string, change: Partial<Choice>): void {
  write(CHOICES + id, { ...choiceOf(id), ...change });
  removeOlder(id);
  changes.value++;
}

/** What the server was told of a session. */
export function toldOf({ token }: Pick<Told, "token">): Told | undefined {
  const told = read(TOLD) as Told | undefined;
  return told?.token === token ? told : undefined;
}

export const storeTold = (told: Told): void => write(TOLD, told);

/** The server has to be told again. */
export const removeTold = (): void => remove(TOLD);

/** Notices what is chosen in other tabs. @returns what ends that */
export function followChoices(): () => void {
  const onStorage = ({ key }: StorageEvent) => {
    if (key === null || key === KEPT || key.startsWith(CHOICES)) changes.value++;
  };
  addEventListener("storage", onStorage);
  return () => removeEventListener("storage", onStorage);
}

/** Forgets all that a user has chosen. */
export function removeChoice(id: string): void {
  remove(CHOICES + id);
  removeOlder(id);
}

/** Of a page that had one record, whoever was logged in. What it has told is told again. */
function olderOf(id: string): Choice | undefined {
  const older: unknown = attempt(() => JSON.parse(localStorage.getItem(KEPT) ?? "null"));
  if (!isRecord(older, "id") || Reflect.get(older as object, "id") !== id) return undefined;
  const { isOff = false, showText = false, isDismissed = false } = older as Choice;
  return { isOff, showText, isDismissed };
}

function removeOlder(id: string): void {
  if (olderOf(id)) attempt(() => localStorage.removeItem(KEPT));
}

function read(key: string): object | undefined {
  const value: unknown = attempt(() => JSON.parse(inMemory.get(key) ?? localStorage.getItem(key) ?? "null"));
  return isRecord(value) ? (value as object) : undefined;
}

function write(key: string, value: object): void {
  const text = JSON.stringify(value);
  // Before it is stored: a browser that is out of room says so by an exception.
  inMemory.set(key, text);
  attempt(() => {
    localStorage.setItem(key, text);
    inMemory.delete(key);
  });
}

function remove(key: string): void {
  inMemory.delete(key);
  attempt(() => localStorage.removeItem(key));
}
