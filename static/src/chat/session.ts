import { batch, computed, signal } from "@preact/signals";
import type { Session, User } from "../../../lib/client/index.ts";
import { attempt, isRecord } from "../storage/safely.ts";
import { endLeftPush, endPush } from "./endPush.ts";
import { rememberLogin } from "./logins.ts";
import { adoptOlderSession, loadSession, removeSession, SESSION, saveSession } from "./storedSession.ts";

/** In `sessionStorage`, which belongs to one tab and outlives a reload. */
const TAB = "gotalk.tab";

/** Tells the other tabs which user's data are being erased: the user's id. */
const erased = attempt(() => new BroadcastChannel("gotalk.erased"));

const LOGGED_OUT = "You were logged out in another tab.";
const DAMAGED = "The login that this browser has stored is damaged. Log in again: your messages are kept.";

/** The session of this browser. */
const stored = signal<Session | undefined>(undefined);

/** The user that this tab shows or has shown last: undefined once they have logged out. Another user takes the tab over only on a click. */
export const owner = signal<User | undefined>(loadOwner());

/** The session of this tab. Undefined: nobody is logged in, or a user that this tab does not show. */
export const session = computed(() => (isOfOwner(stored.value) ? stored.value : undefined));

/** The user who is logged in now (`now`) while this tab belongs to another user (`before`). */
export const otherUser = computed(() => {
  const now = stored.value;
  const before = owner.value;
  return now !== undefined && before !== undefined && now.id !== before.id ? { now, before } : undefined;
});

/** Why the login page is shown again, and for which user. */
export const ended = signal<{ readonly username: string; readonly reason: string } | undefined>(undefined);

/** Stores the session. If the browser stores nothing, it lasts as long as the tab. */
export function startSession(value: Session): void {
  batch(() => {
    ended.value = undefined;
    show(value);
  });
  saveSession(value);
  rememberLogin(value);
}

/**
 * Goes on with the session as it is now: under another token, on a device of its own. Where another tab has moved the
 * session at the same moment, the two have the same one, and the stored token stays.
 *
 * @returns false if the session has ended in this browser meanwhile
 */
export function renewSession(before: Session, value: Session): boolean {
  const now = stored.value;
  if (now?.token !== before.token) return now?.id === value.id && now?.deviceId === value.deviceId;
  startSession(value);
  return true;
}

/** Gives this tab to the user who is logged in now. */
export function switchUser(): void {
  if (stored.value !== undefined) show(stored.value);
}

/** Ends an expired session. A login in another tab does not take this tab over. */
export function expireSession(reason: string): void {
  const username = session.value?.username ?? "";
  clear(session.value?.token);
  ended.value = { username, reason };
}

/** Ends the session in this browser, on the person's request. The messages stay. */
export function endSession(reason?: string): void {
  clear(session.value?.token);
  batch(() => {
    owner.value = undefined;
    ended.value = reason === undefined ? undefined : { username: "", reason };
  });
}

/** Ends the session in all tabs, and removes the user's name from them. */
export function eraseSession(reason: string): void {
  attempt(() => erased?.postMessage(session.value?.id));
  endSession(reason);
}

/** Shows how the end of a session went on, unless somebody has logged in since. */
export function explainEnd(reason: string): void {
  if (stored.value === undefined) ended.value = { username: "", reason };
}

/** Reads the stored session, or that of an older page, and follows the logins and logouts of other tabs. */
export function followOtherTabs(): void {
  adoptOlderSession();
  const { value, isDamaged, isBlocked } = loadSession();
  if (isDamaged) {
    remove();
    ended.value = { username: "", reason: DAMAGED };
  }
  if (value === undefined && !isBlocked) void endLeftPush();
  if (isOfOwner(value) && value !== undefined) show(value);
  else stored.value = value;
  // A null key: everything was cleared.
  addEventListener("storage", ({ key }) => {
    if (key === SESSION || key === null) refresh();
  });
  erased?.addEventListener("message", ({ data }) => {
    if (owner.value?.id !== data) return;
    owner.value = undefined;
    attempt(() => sessionStorage.removeItem(TAB));
  });
  // A frozen tab misses events.
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") refresh();
  });
}

function refresh(): void {
  const { value, isBlocked } = loadSession();
  if (isBlocked || value?.token === stored.value?.token) return;
  const username = session.value?.username;
  if (isOfOwner(value) && value !== undefined) {
    show(value);
    return;
  }
  batch(() => {
    stored.value = value;
    if (value === undefined && username !== undefined) ended.value = { username, reason: LOGGED_OUT };
  });
}

function show(value: Session): void {
  const { id, username } = value;
  batch(() => {
    owner.value = { id, username };
    stored.value = value;
    ended.value = undefined;
  });
  attempt(() => sessionStorage.setItem(TAB, JSON.stringify({ id, username })));
}

/** Removes a session. One that another tab has started meanwhile stays. */
function clear(token: string | undefined): void {
  stored.value = undefined;
  attempt(() => sessionStorage.removeItem(TAB));
  const now = loadSession().value;
  if (now === undefined || now.token === token) remove();
}

/** What waits for the user is shown to nobody else, also if the server does not know that they have logged out. */
function remove(): void {
  removeSession();
  void endPush();
}

const isOfOwner = (value: Session | undefined): boolean => owner.value === undefined || value?.id === owner.value.id;

function loadOwner(): User | undefined {
  const value: unknown = attempt(() => JSON.parse(sessionStorage.getItem(TAB) ?? "null"));
  return isUser(value) ? value : undefined;
}

function isUser(value: unknown): value is User {
  return isRecord(value, "id", "username");
}
