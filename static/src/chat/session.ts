import { signal } from "@preact/signals";
import type { Session } from "../../../lib/client.ts";

const KEY = "gotalk.session";

/** Who is logged in on this device, in all tabs; undefined: nobody. */
export const session = signal<Session | undefined>(load());

/** Why the login is shown again, if it is, and for whom. */
export const ended = signal<{ readonly username: string; readonly reason: string } | undefined>(undefined);

/** Keeps the session. Where the browser stores nothing it lasts as long as the tab. */
export function startSession(value: Session): void {
  ended.value = undefined;
  session.value = value;
  attempt(() => localStorage.setItem(KEY, JSON.stringify(value)));
}

/** Forgets the session, not the user's messages. */
export function endSession(reason?: string): void {
  const username = session.value?.username;
  ended.value = reason !== undefined && username !== undefined ? { username, reason } : undefined;
  session.value = undefined;
  attempt(() => localStorage.removeItem(KEY));
}

/** Says, if nobody has logged in since, that the server may not know that the session has ended. */
export function doubtLogout(username: string): void {
  if (session.value !== undefined) return;
  const reason =
    "You are logged out on this device. The server may not know it yet: log in again and end the old session under Sessions.";
  ended.value = { username, reason };
}

/** Forgets the session of a user who does not exist any more. */
export function leaveForGood(reason: string): void {
  endSession();
  ended.value = { username: "", reason };
}

/** Follows what other tabs do. */
export function followOtherTabs(): void {
  addEventListener("storage", ({ key }) => {
    // A null key: everything was cleared.
    if (key !== KEY && key !== null) return;
    const value = load();
    if (value?.token !== session.value?.token) session.value = value;
  });
}

function load(): Session | undefined {
  return attempt(() => JSON.parse(localStorage.getItem(KEY) ?? "null") as Session | null) ?? undefined;
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
