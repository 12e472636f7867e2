import { KEPT, type Kept } from "./kept.ts";

/*
 * What this browser has of push: its subscription, and what the service worker knows. All tabs share both, so they are changed in turn.
 */

/** What a piece of work takes its turn for. */
type Turn = "browser" | "server";

/** Does work while no other tab does work of the kind. Browsers without locks have no push either. */
export async function inTurn<T>(turn: Turn, work: () => Promise<T>): Promise<T> {
  return "locks" in navigator ? navigator.locks.request(`${KEPT}.${turn}`, async () => work()) : work();
}

/** What the service worker knows. */
export async function readKept(): Promise<Kept | undefined> {
  const response = await globalThis.caches?.match(`/${KEPT}`, { cacheName: KEPT });
  return (await response?.json()) as Kept | undefined;
}

/** Tells the service worker, if `isWanted` still says so. */
export function writeKept(kept: Kept, isWanted: () => boolean): Promise<void> {
  return inTurn("browser", async () => {
    const text = JSON.stringify(kept);
    if (text === JSON.stringify(await readKept()) || !isWanted()) return;
    await (await caches.open(KEPT)).put(`/${KEPT}`, new Response(text));
  });
}

/** What the browser subscribes by. Undefined: it has no push, or the worker is not there yet, without which it refuses. */
export async function pushManager(): Promise<PushManager | undefined> {
  const registration = await navigator.serviceWorker?.getRegistration();
  return registration?.active ? registration.pushManager : undefined;
}

/**
 * The browser's subscription for this key: a server that was set up anew has another.
 *
 * @param isOwn Whether the one that is there belongs to this session. The server may not know that the session before has ended, and
 *   what it pushes to that one must not reach the next user.
 */
export async function subscribe(manager: PushManager, publicKey: string, isOwn: boolean): Promise<PushSubscription> {
  const found = await manager.getSubscription();
  if (found !== null && !(isOwn && keyOf(found) === publicKey)) await found.unsubscribe();
  return manager.subscribe({ userVisibleOnly: true, applicationServerKey: publicKey });
}

/** Ends push in this browser, also without a network: the worker knows nothing any more, and nothing comes by the subscription. */
export function endHere(): Promise<void> {
  return inTurn("browser", async () => {
    await globalThis.caches?.delete(KEPT);
    await (await (await pushManager())?.getSubscription())?.unsubscribe();
  });
}

/** In base64url, as the server has it. */
function keyOf({ options }: PushSubscription): string {
  const bytes = new Uint8Array(options.applicationServerKey ?? new ArrayBuffer(0));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}
