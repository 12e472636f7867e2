import { cleanupOutdatedCaches, createHandlerBoundToURL, precacheAndRoute } from "workbox-precaching";
import { NavigationRoute, registerRoute } from "workbox-routing";

/** The parts of the service worker's global scope that are used here. TypeScript has only the window's. */
interface WorkerScope {
  readonly __WB_MANIFEST: Parameters<typeof precacheAndRoute>[0];
  readonly clients: {
    claim(): Promise<void>;
    matchAll(options: { type: "window" }): Promise<readonly WindowClient[]>;
    openWindow(url: string): Promise<unknown>;
  };
  skipWaiting(): Promise<void>;
  addEventListener(type: "install", listener: (event: InstallEvent) => void): void;
  addEventListener(type: "activate", listener: (event: LastingEvent) => void): void;
  addEventListener(type: "notificationclick", listener: (event: NotificationClick) => void): void;
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

interface WindowClient {
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
