import { signal } from "@preact/signals";
import { isPersonal, type Session } from "../../../lib/client/index.ts";
import { isRequest } from "../chat/requests.ts";
import { loadSession } from "../chat/storedSession.ts";
import type { Conversation } from "../storage/records.ts";
import { endHere, inTurn, pushManager, readKept, subscribe, writeKept } from "./browser.ts";
import { type Choice, choiceOf, choose, removeChoice, removeTold, storeTold, type Told, toldOf } from "./choice.ts";
import type { Kept } from "./kept.ts";

/** How many muted conversations the server takes. The newest ones count. */
const MOST_MUTED = 200;

/** Milliseconds until the next attempt, after a browser or the server has refused one. */
const PAUSE = 600_000;

/** Milliseconds for which the server is trusted to know what it was told, and to have the key that it had. */
const DAY = 86_400_000;

/** Milliseconds that the server may take to answer. */
const PATIENCE = 30_000;

/**
 * Why nothing comes while goTalk is closed, although the person wants it: the session is on the shared device, the browser has no push, or
 * the browser or the server refused the last attempt.
 */
export const obstacle = signal<"shared" | "unsupported" | "browser" | "server" | undefined>(undefined);

/** The newest list that this tab knows. An attempt may have to wait, and must not tell an older one. */
let newest: readonly Conversation[] = [];
let refusedAt = Number.NEGATIVE_INFINITY;
let later: ReturnType<typeof setTimeout> | undefined;
/** The token of the session of the last attempt. */
let lastToken: string | undefined;

/**
 * Sees to it that this device is told by push, as the person wants it: tells the service worker at once what has changed, subscribes where
 * the browser has no subscription, and tells the server. The server is told again what it knows in each session, and once a day, so that
 * what it has lost comes back; otherwise no request where nothing has changed. What fails is tried again later: messages come without it.
 */
export async function keepSubscribed(session: Session, conversations: readonly Conversation[]): Promise<void> {
  newest = conversations;
  clearTimeout(later);
  // What was refused to another session says nothing of this one.
  if (session.token !== lastToken) {
    lastToken = session.token;
    refusedAt = Number.NEGATIVE_INFINITY;
    obstacle.value = undefined;
  }
  try {
    await keep(session);
  } catch {
    // It is noted who refused. Messages come without it.
  }
  const pause = refusedAt + PAUSE - Date.now();
  clearTimeout(later);
  if (pause > 0) later = setTimeout(() => void keepSubscribed(session, newest), pause);
}

async function keep(session: Session): Promise<void> {
  await endOther(session);
  if (wantedNow(session) === undefined) return;
  const whyNever = obstacleBefore(session);
  if (whyNever !== undefined) {
    obstacle.value = whyNever;
    return;
  }
  const manager = await pushManager();
  if (manager === undefined) return;
  await tellWorker(session, (await readKept())?.publicKey);
  await inTurn("server", () => tellServer(session, manager));
}

/** What another session has left is ended, also where this user wants no push: that user's messages are not for this one. */
async function endOther({ token }: Session): Promise<void> {
  const kept = await readKept();
  if (kept !== undefined && kept.token !== token && loadSession().value?.token === token) await endHere();
}

async function tellServer(session: Session, manager: PushManager): Promise<void> {
  if (wantedNow(session) === undefined || Date.now() - refusedAt < PAUSE) return;
  const { token } = session;
  const last = toldOf(session);
  const isOwn = last !== undefined;
  const told = isOwn && isFresh(last) ? last.telling : undefined;
  const known = told && (await readKept())?.publicKey;
  const publicKey = known ?? (await blame("server", askForKey(token)));
  const { showText, muted } = await tellWorker(session, publicKey);
  const subscription = await subscribeFor(session, () => subscribe(manager, publicKey, isOwn));
  if (subscription === undefined) return;
  const telling = JSON.stringify([subscription.endpoint, showText, muted]);
  if (telling !== told) {
    await blame("server", ask("PUT", token, { ...subscription.toJSON(), showText, muted }));
    if (wantedNow(session)) storeTold({ token, telling, at: Date.now() });
  }
  obstacle.value = undefined;
}

async function tellWorker(session: Session, publicKey?: string): Promise<Kept> {
  const kept = keptFrom(session, publicKey);
  await writeKept(kept, () => wantedNow(session) !== undefined);
  return kept;
}

/** The subscription, unless it is ended meanwhile: by a logout, or by the person. */
async function subscribeFor(
  session: Session,
  work: () => Promise<PushSubscription>,
): Promise<PushSubscription | undefined> {
  const subscription = await blame("browser", work());
  if (wantedNow(session) !== undefined) return subscription;
  await endHere();
  return undefined;
}

/** Ends the subscription here and at the server, as the person wants it. */
export async function unsubscribe({ id, token }: Session): Promise<void> {
  choose(id, { isOff: true });
  removeTold();
  try {
    await endHere();
  } finally {
    // After a request that is under way, which says the contrary.
    await inTurn("server", () => ask("DELETE", token));
  }
}

/**
 * Ends push in this browser with the session, also without a network. What the user has chosen stays for the next login.
 *
 * @param erasedId Whose choice is forgotten as well.
 */
export function endWithSession(erasedId?: string): Promise<void> {
  if (erasedId !== undefined) removeChoice(erasedId);
  removeTold();
  return endHere();
}

/** The choice of a user who wants push at this moment; undefined if they do not, or have logged out, in whichever tab. */
function wantedNow({ id, token }: Session): Choice | undefined {
  const { value, isBlocked } = loadSession();
  const choice = choiceOf(id);
  if (choice.isOff || Notification.permission !== "granted") return undefined;
  return isBlocked || value?.token === token ? choice : undefined;
}

function obstacleBefore({ deviceId }: Session): typeof obstacle.value {
  if (!isPersonal(deviceId)) return "shared";
  return "PushManager" in globalThis ? undefined : "unsupported";
}

/** Whether the server was told not long ago. A clock that was set back proves nothing. */
function isFresh({ at }: Told): boolean {
  const age = Date.now() - at;
  return age >= 0 && age < DAY;
}

function keptFrom({ id, token }: Session, publicKey: string | undefined): Kept {
  const muted = idsOf(({ settings }) => settings.isMuted).slice(0, MOST_MUTED);
  return {
    token,
    ...(publicKey !== undefined && { publicKey }),
    showText: choiceOf(id).showText === true,
    // The order of the list changes with each message, and says nothing.
    muted: muted.sort(),
    known: idsOf((one) => !isRequest(one)).sort(),
  };
}

const idsOf = (which: (one: Conversation) => boolean): string[] => newest.filter(which).map(({ peerId }) => peerId);

/** Notes whose fault it is if it fails, and when that was: before an attempt that waits has its turn. */
async function blame<T>(whose: "browser" | "server", work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    obstacle.value = whose;
    refusedAt = Date.now();
    throw error;
  }
}

async function askForKey(token: string): Promise<string> {
  const { publicKey } = (await (await ask("GET", token)).json()) as { publicKey: string };
  return publicKey;
}

async function ask(method: string, token: string, fields?: object): Promise<Response> {
  const response = await fetch("/push", {
    method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    signal: AbortSignal.timeout(PATIENCE),
    ...(fields && { body: JSON.stringify(fields) }),
  });
  if (!response.ok) throw new Error(`the server answered ${response.status}`);
  return response;
}
