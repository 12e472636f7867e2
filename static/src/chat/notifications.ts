import { signal } from "@preact/signals";
import type { User } from "../../../lib/client/index.ts";
import { conversationFrom, type StoredMessage } from "../storage/records.ts";
import type { Database } from "../storage/schema.ts";
import { shortened } from "../text/graphemes.ts";
import { mentions } from "../text/mentions.ts";
import { saying } from "../text/saying.ts";
import { linksOf, piecesOf } from "./linking.ts";

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

/** What is shown of a stranger's request: what strangers write comes onto no locked screen. */
const REQUEST = "Message request";

/**
 * Shows the newest of these messages of each conversation, unless the page is visible. Of a muted conversation none is shown,
 * and of a muted group only one that mentions the user.
 *
 * @param requestsAmong Finds the requests of strangers among conversations.
 */
export async function notify(
  database: Database,
  messages: readonly StoredMessage[],
  user: User,
  requestsAmong: (conversationIds: readonly string[]) => Promise<ReadonlySet<string>>,
): Promise<void> {
  if (document.visibilityState === "visible" || permission.value !== "granted") return;
  const conversations = Map.groupBy(messages, ({ conversationId }) => conversationId);
  const requests = await requestsAmong([...conversations.keys()]);
  // A name within an address is no mention.
  await linksOf(messages.map(({ content }) => content));
  const worker = await navigator.serviceWorker?.getRegistration();
  for (const [peerId, all] of conversations) {
    const [line, folded] = await Promise.all([database.get("conversations", peerId), database.get("folded", peerId)]);
    const { name, settings, isGroup } = conversationFrom(line ?? { peerId, name: "goTalk", unread: 0 }, folded);
    const isDisturbing = (message: StoredMessage): boolean =>
      !settings.isMuted || (isGroup && isMention(message, user));
    const message = all.findLast(isDisturbing);
    if (message === undefined) continue;
    const said = shortened(saying(message).text, LONGEST);
    const text = isGroup ? `${message.senderName}: ${said}` : said;
    // The worker opens the conversation on a click. One notification per conversation: the tag replaces the last.
    await worker?.showNotification(name, {
      body: requests.has(peerId) ? REQUEST : text,
      tag: peerId,
      icon: "/icons/icon-192.png",
    });
  }
}

const isMention = ({ content, type = "text" }: StoredMessage, { username }: User): boolean =>
  type === "text" && mentions(piecesOf(content), username);

/** Closes the notification of a conversation that is being read, or all notifications. */
export async function clearNotifications(peerId?: string): Promise<void> {
  if (permission.value !== "granted") return;
  const worker = await navigator.serviceWorker?.getRegistration();
  const shown = await worker?.getNotifications(peerId === undefined ? {} : { tag: peerId });
  for (const notification of shown ?? []) notification.close();
}
