import { signal } from "@preact/signals";
import type { StoredMessage } from "../storage/records.ts";
import type { Database } from "../storage/schema.ts";
import { shortened } from "../text/graphemes.ts";

/** Characters of a message that are shown. */
const LONGEST = 160;

/** Whether the person wants notifications, as far as this page knows. `unsupported`: this browser has none. */
export const permission = signal<NotificationPermission | "unsupported">(
  "Notification" in globalThis ? Notification.permission : "unsupported",
);

/** Asks the person. Call it only on a click. */
export async function askPermission(): Promise<void> {
  permission.value = await Notification.requestPermission();
}

/** Shows the newest of these messages of each conversation, unless the page is visible. */
export async function notify(database: Database, messages: readonly StoredMessage[]): Promise<void> {
  if (document.visibilityState === "visible" || permission.value !== "granted") return;
  const newest = new Map(messages.map((message) => [message.peerId, message]));
  const worker = await navigator.serviceWorker?.getRegistration();
  for (const { peerId, content } of newest.values()) {
    const name = (await database.get("conversations", peerId))?.name ?? "goTalk";
    // The worker opens the conversation on a click. One notification per conversation: the tag replaces the last.
    await worker?.showNotification(name, {
      body: shortened(content, LONGEST),
      tag: peerId,
      icon: "/icons/icon-192.png",
    });
  }
}

/** Closes the notification of a conversation that is being read, or all notifications. */
export async function clearNotifications(peerId?: string): Promise<void> {
  if (permission.value !== "granted") return;
  const worker = await navigator.serviceWorker?.getRegistration();
  const shown = await worker?.getNotifications(peerId === undefined ? {} : { tag: peerId });
  for (const notification of shown ?? []) notification.close();
}
