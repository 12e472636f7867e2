import { cleanupOutdatedCaches, createHandlerBoundToURL, precacheAndRoute } from "workbox-precaching";
import { NavigationRoute, registerRoute } from "workbox-routing";
import { KEPT, type Kept, type PushedMessage } from "./src/push/kept.ts";

/** The parts of the service worker's global scope that are used here. TypeScript has only the window's. */
interface WorkerScope {
  readonly __WB_MANIFEST: Parameters<typeof precacheAndRoute>[0];
  readonly clients: {
    claim(): Promise<void>;
    matchAll(options: { type: "window" }): Promise<readonly WindowClient[]>;
    openWindow(url: string): Promise<unknown>;
  };
  readonly registration: ServiceWorkerRegistration;
  skipWaiting(): Promise<void>;
  addEventListener(type: "install", listener: (event: InstallEvent) => void): void;
  addEventListener(type: "activate", listener: (event: LastingEvent) => void): void;
  addEventListener(type: "notificationclick", listener: (event: NotificationClick) => void): void;
  addEventListener(type: "push", listener: (event: PushEvent) => void): void;
  addEventListener(type: "pushsubscriptionchange", listener: (event: LastingEvent) => void): void;
}

interface LastingEvent {
  waitUntil(work: Promise<unknown>): void;
}

/** Not every browser has static routes, which its network process applies by itself. */
interface InstallEvent extends LastingEvent {
  addRoutes?(rule: { condition: { requestMethod: string }; source: "network" }): Promise<void>;
}

interface NotificationClick extends LastingEvent {
  readonly notification: Notification;
}

interface PushEvent extends LastingEvent {
  readonly data: { json(): PushedMessage } | null;
}

interface WindowClient {
  readonly visibilityState: DocumentVisibilityState;
  focus(): Promise<WindowClient>;
  navigate(url: string): Promise<unknown>;
}

declare const self: WorkerScope;

// The page and its files are one version. The next visit gets the new version, whatever other tabs show.
precacheAndRoute(self.__WB_MANIFEST);
cleanupOutdatedCaches();
registerRoute(new NavigationRoute(createHandlerBoundToURL("/index.html"), { allowlist: [/^\/$/] }));
void self.skipWaiting();
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

// The cache holds no POST requests. They need not wait until this worker runs and says so.
self.addEventListener("install", (event) => {
  const added = event.addRoutes?.({ condition: { requestMethod: "POST" }, source: "network" });
  if (added) event.waitUntil(added.catch(() => undefined));
});

// The tag of a notification is the id of its conversation.
self.addEventListener("notificationclick", (event) => {
  const { tag } = event.notification;
  event.notification.close();
  event.waitUntil(openConversation(`/#${tag}`));
});

async function openConversation(url: string): Promise<unknown> {
  const [window] = await self.clients.matchAll({ type: "window" });
  if (window === undefined) return self.clients.openWindow(url);
  // Only the part after "#" changes: the page is not loaded again.
  return (await window.focus()).navigate(url);
}

// A push settles nothing: the page syncs when it is opened. While it is visible, it shows the message by itself. The server may know
// less of what the person wants than this browser.
self.addEventListener("push", (event) => {
  const message = event.data?.json();
  if (message) event.waitUntil(show(message));
});

async function show({ conversation, senderName, groupName, text, isMention }: PushedMessage): Promise<void> {
  const windows = await self.clients.matchAll({ type: "window" });
  if (windows.some(({ visibilityState }) => visibilityState === "visible")) return;
  const { showText, known, muted } = (await kept()) ?? {};
  // Push is off, or nobody is logged in.
  if (muted === undefined) return;
  if (muted.includes(conversation) && !isMention) return;
  const said = (showText && known?.includes(conversation) && text) || "New message";
  const options = { tag: conversation, renotify: true, icon: "/icons/icon-192.png" };
  const body = groupName === undefined ? said : `${senderName}: ${said}`;
  await self.registration.showNotification(groupName ?? senderName, { ...options, body });
  // The page counts messages, once it is open.
  const shown = await self.registration.getNotifications();
  await navigator.setAppBadge?.(shown.length).catch(() => undefined);
}

// The browser has another subscription, or none: the server gets the next one.
self.addEventListener("pushsubscriptionchange", (event) => event.waitUntil(subscribe()));

async function subscribe(): Promise<void> {
  const { token, publicKey, showText, muted } = (await kept()) ?? {};
  if (publicKey === undefined) return;
  const wanted = { userVisibleOnly: true, applicationServerKey: publicKey };
  const subscription = await self.registration.pushManager.subscribe(wanted);
  await fetch("/push", {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ ...subscription.toJSON(), token, showText, muted }),
  });
}

async function kept(): Promise<Partial<Kept> | undefined> {
  const response = await caches.match(`/${KEPT}`, { cacheName: KEPT });
  return response?.json();
}
