import { signal } from "@preact/signals";
import { attempt, isRecord } from "../storage/safely.ts";
import { KEPT } from "./kept.ts";

/** What a user has chosen on this device, and what the server knows of it. */
export interface Choice {
  readonly isOff?: boolean;
  readonly showText?: boolean;
  /** The person was asked, and wants to be left alone. */
  readonly isDismissed?: boolean;
  readonly told?: Told | undefined;
}

/** What was told to the server last. */
export interface Told {
  /** The session's. */
  readonly token: string;
  readonly telling: string;
  /** When, in milliseconds. */
  readonly at: number;
}

const keyOf = (id: string): string => `${KEPT}.${id}`;

/** The same records for a browser that stores nothing. They last as long as the tab. */
const inMemory = new Map<string, Choice>();

/** Counts the changes of this tab and of the others, for what shows a choice. */
export const changes = signal(0);

/** What a user has chosen on this device. It is read anew each time: another tab may have changed it. */
export function choiceOf(id: string): Choice {
  const stored = attempt(() => localStorage.getItem(keyOf(id)) ?? "");
  if (stored === undefined) return inMemory.get(id) ?? {};
  const choice: unknown = attempt(() => JSON.parse(stored));
  return isRecord(choice) ? (choice as Choice) : (olderOf(id) ?? {});
}

/** Changes nothing else of the record. */
export function choose(id: string, change: Partial<Choice>): void {
  const choice = { ...choiceOf(id), ...change };
  inMemory.set(id, choice);
  attempt(() => localStorage.setItem(keyOf(id), JSON.stringify(choice)));
  removeOlder(id);
  changes.value++;
}

/** Notices what other tabs change. @returns what ends that */
export function followOtherTabs(): () => void {
  const onStorage = ({ key }: StorageEvent) => {
    if (key === null || key.startsWith(KEPT)) changes.value++;
  };
  addEventListener("storage", onStorage);
  return () => removeEventListener("storage", onStorage);
}

/** Forgets all of it. */
export function forgetChoice(id: string): void {
  inMemory.delete(id);
  attempt(() => localStorage.removeItem(keyOf(id)));
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
