import { signal } from "@preact/signals";
import { isPersonal, type Session } from "../../../lib/client/index.ts";
import { isRequest } from "../chat/requests.ts";
import type { Conversation } from "../storage/records.ts";
import { attempt, isRecord } from "../storage/safely.ts";
import { KEPT, type Kept } from "./kept.ts";

/** How many muted conversations the server takes. The newest ones count. */
const MOST_MUTED = 200;

/** Milliseconds until the next attempt, after a browser or the server has refused one. */
const PAUSE = 600_000;

/** The person's choice on this device, and what the server knows of it. */
interface Choice {
  /** Whose choice it is. */
  readonly id: string;
  readonly isOff?: boolean;
  readonly showText?: boolean;
  /** The person was asked, and wants to be left alone. */
  readonly isDismissed?: boolean;
  /** What was told to the server last, under which session. */
  readonly told?: string;
}

const choice = signal<Choice | undefined>(attempt(load));

function load(): Choice | undefined {
  const stored: unknown = JSON.parse(localStorage.getItem(KEPT) ?? "null");
  return isRecord(stored, "id") ? (stored as Choice) : undefined;
}

/** What a user has chosen on this device. */
export const choiceOf = (id: string): Choice => (choice.value?.id === id ? choice.value : { id });

export function choose(id: string, change: Partial<Choice>): void {
  choice.value = { ...choiceOf(id), ...change };
  attempt(() => localStorage.setItem(KEPT, JSON.stringify(choice.value)));
}

/** One attempt after the other: several may be due at once. */
let work: Promise<void> = Promise.resolve();
let refusedAt = Number.NEGATIVE_INFINITY;

/**
 * Sees to it that the server tells this device by push, as the person wants it: subscribes where the browser has no subscription, and
 * tells the server what has changed. No request where nothing has. A failure is nobody's business: messages come without it.
 */
export function keepSubscribed(session: Session, conversations: readonly Conversation[]): Promise<void> {
  work = work
    .then(() => keep(session, conversations))
    .catch(() => {
      refusedAt = Date.now();
    });
  return work;
}

async function keep(session: Session, conversations: readonly Conversation[]): Promise<void> {
  const { id, token, deviceId } = session;
  const { isOff = false, showText = false, told } = choiceOf(id);
  if (Notification.permission !== "granted" || isOff || !isPersonal(deviceId)) return;
  if (Date.now() - refusedAt < PAUSE) return;
  const { pushManager } = (await navigator.serviceWorker?.getRegistration()) ?? {};
  if (pushManager === undefined) return;
  const before = await keptNow();
  const publicKey = before?.publicKey ?? (await askForKey(token));
  const kept: Kept = {
    token,
    publicKey,
    showText,
    muted: idsOf(conversations, ({ settings }) => settings.isMuted).slice(0, MOST_MUTED),
    known: idsOf(conversations, (one) => !isRequest(one)),
  };
  if (JSON.stringify(kept) !== JSON.stringify(before)) {
    await (await caches.open(KEPT)).put(`/${KEPT}`, new Response(JSON.stringify(kept)));
  }
  const subscription = await subscribe(pushManager, publicKey);
  const telling = JSON.stringify([token, subscription.endpoint, showText, kept.muted]);
  if (telling === told) return;
  await putSubscription(kept, subscription);
  choose(id, { told: telling });
}

/** Ends the subscription here and at the server. */
export async function unsubscribe({ id, token }: Session): Promise<void> {
  choose(id, { isOff: true, told: "" });
  await work;
  await caches.delete(KEPT);
  const registration = await navigator.serviceWorker?.getRegistration();
  await (await registration?.pushManager?.getSubscription())?.unsubscribe();
  await ask("DELETE", token);
}

const idsOf = (all: readonly Conversation[], which: (one: Conversation) => boolean): string[] =>
  all.filter(which).map(({ peerId }) => peerId);

async function keptNow(): Promise<Kept | undefined> {
  const response = await caches.match(`/${KEPT}`, { cacheName: KEPT });
  return (await response?.json()) as Kept | undefined;
}

async function askForKey(token: string): Promise<string> {
  const { publicKey } = (await (await ask("GET", token)).json()) as { publicKey: string };
  return publicKey;
}

/** The browser's subscription. One for another key, as a server that was set up anew has, is of no use. */
async function subscribe(manager: PushManager, publicKey: string): Promise<PushSubscription> {
  const options = { userVisibleOnly: true, applicationServerKey: publicKey };
  const found = await manager.getSubscription();
  if (found !== null && keyOf(found) !== publicKey) await found.unsubscribe();
  return manager.subscribe(options);
}

/** In base64url, as the server has it. */
function keyOf({ options }: PushSubscription): string {
  const bytes = new Uint8Array(options.applicationServerKey ?? new ArrayBuffer(0));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

const putSubscription = ({ token, showText, muted }: Kept, subscription: PushSubscription): Promise<unknown> =>
  ask("PUT", token, { ...subscription.toJSON(), showText, muted });

async function ask(method: string, token: string, fields?: object): Promise<Response> {
  const response = await fetch("/push", {
    method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    ...(fields && { body: JSON.stringify(fields) }),
  });
  if (!response.ok) throw new Error(`the server answered ${response.status}`);
  return response;
}
