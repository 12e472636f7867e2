import type { Session } from "../../../lib/client/index.ts";
import { attempt, isRecord } from "../storage/safely.ts";

/** The key of the session in `localStorage`, which all tabs share. */
export const SESSION = "gotalk.session.2";

/**
 * The key that older pages know. They cannot go on with a session that has a device of its own, so they must not find it:
 * to a tab with an older page, which may be open during an update, nobody is logged in any more.
 */
const OLDER = "gotalk.session";

interface Loaded {
  /** Undefined: there is none that can be read. */
  readonly value?: Session;
  readonly isDamaged?: boolean;
  /** The browser stores nothing for the page. The session exists in memory only. */
  readonly isBlocked?: boolean;
}

/** Takes the session of an older page over, where the browser has no other. That ends the work of the older page's tabs. */
export function adoptOlderSession(): void {
  attempt(() => {
    const older = localStorage.getItem(OLDER);
    if (older === null || localStorage.getItem(SESSION) !== null) return;
    localStorage.setItem(SESSION, older);
    localStorage.removeItem(OLDER);
  });
}

/** The session of this browser, if there is one that can be read. */
export function loadSession(): Loaded {
  const text = attempt(() => localStorage.getItem(SESSION));
  if (text === undefined) return { isBlocked: true };
  if (text === null) return {};
  const value: unknown = attempt(() => JSON.parse(text));
  return isSession(value) ? { value } : { isDamaged: true };
}

/** Stores it, unless the browser stores nothing. */
export function saveSession(value: Session): void {
  attempt(() => localStorage.setItem(SESSION, JSON.stringify(value)));
}

/** Also removes one that an older page has stored since: it must not log anybody in later, without a word. */
export function removeSession(): void {
  for (const key of [SESSION, OLDER]) attempt(() => localStorage.removeItem(key));
}

function isSession(value: unknown): value is Session {
  return isRecord(value, "token", "id", "username", "receipt", "expiresAt");
}
