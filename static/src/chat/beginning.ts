import type { Signal } from "@preact/signals";
import { type Client, isPassing, type User } from "../../../lib/client/index.ts";
import { ensureConversation } from "../storage/conversations.ts";
import type { DraftStart } from "../storage/drafts.ts";
import type { Database } from "../storage/schema.ts";
import type { ConnectionState } from "./connection.ts";
import { type DraftKeeper, NOBODY_YET } from "./draftKeeper.ts";
import type { FirstMessage, FirstMessages } from "./firstMessages.ts";
import type { Mirror } from "./mirror.ts";
import type { Reading } from "./reading.ts";
import type { Tabs } from "./tabs.ts";

/** What a {@link Beginning} needs. */
interface BeginningHost {
  readonly database: Database;
  readonly firstMessages: FirstMessages;
  readonly drafts: DraftKeeper;
  readonly reading: Reading;
  readonly client: Client;
  readonly connection: Signal<ConnectionState>;
  readonly mirror: Mirror;
  readonly tabs: Tabs;
  /** Stores a message to be sent, and takes its text out of a draft. */
  enqueue(peerId: string, content: string, draftOf: string, start: DraftStart): Promise<void>;
}

/** Begins conversations by username. */
export class Beginning {
  readonly #host: BeginningHost;

  constructor(host: BeginningHost) {
    this.#host = host;
  }

  /**
   * Finds a user by name and opens the conversation; with a first message, sends it. A person who has gone elsewhere
   * meanwhile stays there: the next key would go to the wrong receiver.
   *
   * @throws ProblemError `unknown_user`. {@link DraftKeeper.takeFailed} then has the message.
   */
  async start(username: string, content?: string): Promise<void> {
    const { firstMessages, drafts, mirror, reading, tabs } = this.#host;
    const to = reading.to.value;
    const name = username.trim();
    const message = content === undefined ? undefined : firstMessages.add(name, content);
    const user = await this.#welcome(name, message).catch((error: unknown) => {
      if (message !== undefined) message.hasFailed = true;
      throw error;
    });
    tabs.emit({ type: "changed" });
    await mirror.refreshed;
    const isStaying = reading.to.value === to;
    // Another name is there now. The box still shows what has been typed, which may be meant for that one.
    const isElsewhere = !isStaying && reading.to.value !== "";
    if (message === undefined) {
      // A message to the same person opens the conversation itself. If it fails, its box is still there to say so.
      if (isElsewhere || firstMessages.has(name)) return;
      await Promise.all([drafts.moveTo(user.id), isStaying && reading.open(user.id)]);
      return;
    }
    // Both begin in this very moment: the draft so far is moved, and then the new box asks for it.
    firstMessages.remove(message);
    const moved = drafts.moveTo(isElsewhere ? NOBODY_YET : user.id);
    // The outbox has the message by now. An error would give it back to the person, who would send it twice.
    await Promise.all([moved, isStaying && reading.open(user.id)]).catch(() => undefined);
  }

  /** Finds a user, and stores the first message to them. */
  async #welcome(name: string, message: FirstMessage | undefined): Promise<User> {
    const user = await this.#find(name);
    await ensureConversation(this.#host.database, user);
    if (message !== undefined) await this.#enqueue(user.id, message);
    return user;
  }

  /** Moves the text from the draft to the outbox in one moment: a reload finds it in one of them. */
  async #enqueue(peerId: string, message: FirstMessage): Promise<void> {
    const { firstMessages, enqueue } = this.#host;
    const before = firstMessages.draftStart;
    // What is typed from now on is stored after that.
    message.isStored = true;
    try {
      await enqueue(peerId, message.content, NOBODY_YET, { before, after: firstMessages.draftStart });
    } catch (error) {
      message.isStored = false;
      throw error;
    }
  }

  /**
   * Asks the server, which knows whether the name belongs to somebody else by now. Without a connection the list of
   * conversations tells.
   */
  async #find(username: string): Promise<User> {
    const { client, connection, mirror } = this.#host;
    const known = mirror.conversations.value?.find(({ name }) => name === username.toLowerCase());
    if (known === undefined) return client.find(username);
    const user = { id: known.peerId, username: known.name };
    if (connection.value.kind !== "connected") return user;
    return client.find(username).catch((error: unknown) => {
      if (isPassing(error)) return user;
      throw error;
    });
  }
}
