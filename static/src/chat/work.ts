import { Client, type MessageIds, type User } from "../../../lib/client/index.ts";
import type { QueuedMessage } from "../storage/records.ts";
import type { Database } from "../storage/schema.ts";
import { inBackground } from "./background.ts";
import { Connection } from "./connection.ts";
import { fileParts, loadFileParts } from "./fileParts.ts";
import { GroupFollower } from "./groupFollower.ts";
import { Introductions } from "./introductions.ts";
import type { Notices } from "./notices.ts";
import { clearNotifications, notify } from "./notifications.ts";
import { Receiver, type WatchedClient } from "./receiver.ts";
import { Sender } from "./sender.ts";
import type { Tabs } from "./tabs.ts";
import { Telling, type TellingHost } from "./telling.ts";
import { TypistList } from "./typistList.ts";

/** What {@link serve} needs. */
export interface WorkHost {
  readonly client: WatchedClient;
  readonly messageIds: MessageIds;
  readonly database: Database;
  readonly user: User;
  readonly tabs: Tabs;
  readonly notices: Notices;
  /** For what goes back to the senders of messages. */
  readonly telling: Omit<TellingHost, "client" | "database" | "ownId" | "isOffline">;
  /** The session is over. */
  onExpired(): void;
}

/** The work of the leading tab: it talks to the server, stores messages, and tells all tabs. */
export async function serve(host: WorkHost, signal: AbortSignal): Promise<void> {
  const { client, messageIds, database, user, tabs, notices, onExpired } = host;
  const connection = new Connection(signal, (state) => {
    tabs.emit({ type: "connection", state });
    if (state.kind === "connected") {
      kick();
      telling.scan();
    }
  });
  const isOffline = () => connection.state.kind === "offline";
  const telling = new Telling({ ...host.telling, client, database, ownId: user.id, isOffline }, signal);
  const introductions = new Introductions({ client, database, user, tabs });
  const typists = new TypistList((list) => tabs.emit({ type: "typists", typists: list }));
  const groups = new GroupFollower({ client, database, ownId: user.id, tabs, signal });
  const sender = new Sender({
    client: new Client({ url: "", session: client.session, retry: { giveUpAfter: 0 }, messageIds }),
    database,
    user,
    isOffline,
    onSent: (stored) => tabs.emit({ type: "stored", ...stored }),
    onChange: () => tabs.emit({ type: "changed" }),
    onUnknownGroup: (groupId) => inBackground(groups.doubt(groupId)),
    onUpload: () =>
      inBackground(loadFileParts().then(() => fileParts.value?.uploadAll({ client, database, user, tabs, signal }))),
    onExpired,
  });
  const receiver = new Receiver({
    client,
    database,
    ownId: user.id,
    connection,
    async onBegin() {
      const complete = await notices.check(client);
      inBackground(complete(signal));
      inBackground(groups.compare());
    },
    onStored(stored, isBacklog) {
      tabs.emit({ type: "stored", ...stored });
      // Also what was read on another device.
      for (const { peerId, unread } of stored.conversations) {
        if (unread === 0) void clearNotifications(peerId).catch(() => undefined);
      }
      inBackground(groups.learn(stored.messages));
      if (stored.own !== undefined) inBackground(introductions.answer(stored.own));
      const news = stored.messages.filter(({ id }) => stored.news.includes(id));
      if (!isBacklog) void notify(database, news, user, host.telling.requestsAmong).catch(() => undefined);
    },
    onTyping: (typing) => typists.hear(typing),
    onMissed: () => notices.tell({ what: "missed", others: [] }),
    onStorage: (problem) => tabs.emit({ type: "storage", problem }),
    onExpired,
  });
  // If the storage fails, the next kick reads again.
  const kick = (message?: QueuedMessage) => void sender.kick(signal, message).catch(() => undefined);
  const goOn = () => {
    receiver.wake();
    kick();
  };
  const stopListening = tabs.listen((event) => {
    if (event.type === "hello") {
      tabs.post({ type: "connection", state: connection.state });
      tabs.post({ type: "typists", typists: typists.current });
    }
    if (event.type === "typing") receiver.typing(event.toId);
    if (["stored", "seen", "changed", "groups"].includes(event.type)) telling.scan();
    if (event.type === "queued") kick(event.message);
    if (event.type === "sync") goOn();
  });
  addEventListener("online", goOn, { signal });
  // The browser may stop a hidden page at any time, and its timers.
  addEventListener("pagehide", () => telling.flush(), { signal });
  document.addEventListener(
    "visibilitychange",
    () => {
      if (document.visibilityState === "hidden") telling.flush();
    },
    { signal },
  );
  kick();
  try {
    await receiver.run(signal);
  } finally {
    stopListening();
  }
}
