import { Client, type MessageIds } from "../../../lib/client/index.ts";
import type { QueuedMessage } from "../storage/records.ts";
import type { Database } from "../storage/schema.ts";
import { inBackground } from "./background.ts";
import { Connection } from "./connection.ts";
import type { Notices } from "./notices.ts";
import { notify } from "./notifications.ts";
import { Receiver, type WatchedClient } from "./receiver.ts";
import { Sender } from "./sender.ts";
import type { Tabs } from "./tabs.ts";

/** What {@link serve} needs. */
export interface WorkHost {
  readonly client: WatchedClient;
  readonly messageIds: MessageIds;
  readonly database: Database;
  readonly ownId: string;
  readonly tabs: Tabs;
  readonly notices: Notices;
  /** The session is over. */
  onExpired(): void;
}

/** The work of the leading tab: it talks to the server, stores messages, and tells all tabs. */
export async function serve(host: WorkHost, signal: AbortSignal): Promise<void> {
  const { client, messageIds, database, ownId, tabs, notices, onExpired } = host;
  const connection = new Connection(signal, (state) => {
    tabs.emit({ type: "connection", state });
    if (state.kind === "connected") kick();
  });
  const sender = new Sender({
    client: new Client({ url: "", session: client.session, retry: { giveUpAfter: 0 }, messageIds }),
    database,
    ownId,
    isOffline: () => connection.state.kind === "offline",
    onSent: (stored) => tabs.emit({ type: "stored", ...stored }),
    onChange: () => tabs.emit({ type: "changed" }),
    onExpired,
  });
  const receiver = new Receiver({
    client,
    database,
    ownId,
    connection,
    async onBegin() {
      const complete = await notices.look(client);
      inBackground(complete(signal));
    },
    onStored(stored, isBacklog) {
      tabs.emit({ type: "stored", ...stored });
      const received = stored.messages.filter(({ senderId }) => senderId !== ownId);
      if (!isBacklog) void notify(database, received).catch(() => undefined);
    },
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
    if (event.type === "hello") tabs.post({ type: "connection", state: connection.state });
    if (event.type === "queued") kick(event.message);
    if (event.type === "sync") goOn();
  });
  addEventListener("online", goOn, { signal });
  kick();
  try {
    await receiver.run(signal);
  } finally {
    stopListening();
  }
}
