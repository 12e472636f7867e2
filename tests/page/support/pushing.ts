import type { BrowserContext } from "playwright-core";
import type { Visitor } from "../../support/page/visitor.ts";

const P256DH = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
export const KEYS = { p256dh: P256DH, auth: "BTBZMqHH6r4Tts7J_aSIgg" };

/** Of a public address, so that the server looks up no name. Nothing is pushed while the page is connected. */
export const ENDPOINT = "https://8.8.8.8/p";

interface Played {
  readonly permission: string;
  readonly endpoint: string;
  readonly keys: object;
}

/**
 * Stands in for the browser's push service, which cannot be reached from here, for the person's permission, and for the system's
 * notifications and badge, which headless Chromium refuses whatever it is granted. Runs in the page.
 */
function withPush({ permission, endpoint, keys }: Played): void {
  let now = permission;
  Object.defineProperty(Notification, "permission", { get: () => now });
  Notification.requestPermission = async () => {
    now = "granted";
    return "granted";
  };
  let subscription: unknown = null;
  const subscribed = (options: PushSubscriptionOptionsInit) => {
    const text = String(options.applicationServerKey).replaceAll("-", "+").replaceAll("_", "/");
    const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    return {
      endpoint,
      options: { applicationServerKey: bytes.buffer },
      toJSON: () => ({ endpoint, expirationTime: null, keys }),
      unsubscribe: async () => {
        subscription = null;
        return true;
      },
    };
  };
  PushManager.prototype.getSubscription = async () => subscription as PushSubscription | null;
  PushManager.prototype.subscribe = async (options = {}) => {
    subscription = subscribed(options);
    return subscription as PushSubscription;
  };
  const shown = new Map<string, Notification>();
  ServiceWorkerRegistration.prototype.showNotification = async (title, { tag = "", ...more } = {}) =>
    void shown.set(tag, { title, tag, ...more, close: () => shown.delete(tag) } as unknown as Notification);
  ServiceWorkerRegistration.prototype.getNotifications = async (filter) =>
    [...shown.values()].filter(({ tag }) => filter?.tag === undefined || filter.tag === tag);
  const badges: string[] = [];
  Object.assign(globalThis, { badges });
  Object.assign(Navigator.prototype, {
    setAppBadge: async (count: number) => void badges.push(`set ${count}`),
    clearAppBadge: async () => void badges.push("clear"),
  });
}

export const pushing =
  (permission: NotificationPermission) =>
  (context: BrowserContext): Promise<unknown> =>
    context.addInitScript(withPush, { permission, endpoint: ENDPOINT, keys: KEYS });

interface Asked {
  readonly method: string;
  readonly body: Record<string, unknown>;
}

/** What the page asks of `/push`, from now on. What the server could not do is asked again, and left out. */
export function requestsOf({ page }: Visitor): Asked[] {
  const asked: Asked[] = [];
  page.on("response", (response) => {
    const request = response.request();
    if (new URL(request.url()).pathname === "/push" && response.status() < 500) {
      asked.push({ method: request.method(), body: JSON.parse(request.postData() ?? "{}") });
    }
  });
  return asked;
}

/** What the page keeps of the person's choice, and of what the server was told. */
export const choicesOf = ({ page }: Visitor): Promise<string> =>
  page.evaluate(() => JSON.stringify(Object.entries(localStorage).filter(([name]) => name.startsWith("gotalk-push"))));

/** What the worker knows. */
export const keptOf = ({ page }: Visitor): Promise<string | undefined> =>
  page.evaluate(async () => (await caches.match("/gotalk-push"))?.text());

/** Whether this page's browser has a subscription. */
export const isSubscribed = ({ page }: Visitor): Promise<boolean> =>
  page.evaluate(async () => {
    const registration = await navigator.serviceWorker.getRegistration();
    return (await registration?.pushManager.getSubscription()) !== null;
  });

/** The titles of the notifications that the page has shown, and nobody has closed. */
export const shownOf = ({ page }: Visitor): Promise<string[]> =>
  page.evaluate(async () => {
    const registration = await navigator.serviceWorker.getRegistration();
    return ((await registration?.getNotifications()) ?? []).map(({ title }) => title);
  });

export const badgesOf = ({ page }: Visitor): Promise<string[]> =>
  page.evaluate(() => Reflect.get(globalThis, "badges") as string[]);
