import type { Signal } from "@preact/signals";
import { type Client, isPassing, ProblemError, type User } from "../../../lib/client/index.ts";
import { USERNAME_FORM } from "../../../lib/contract/limits.ts";
import { ensureConversation } from "../storage/conversations.ts";
import type { Database } from "../storage/schema.ts";
import type { ConnectionState } from "./connection.ts";
import { type DraftKeeper, NOBODY_YET } from "./draftKeeper.ts";
import type { FirstMessage, FirstMessages } from "./firstMessages.ts";
import type { Mirror } from "./mirror.ts";
import { groupCalled, type OwnGroup } from "./ownGroups.ts";
import type { Reading } from "./reading.ts";
import type { Tabs } from "./tabs.ts";
import type { Writing } from "./writing.ts";

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
  readonly writing: Pick<Writing, "sendFirst">;
  /** The groups that To finds. */
  ownGroups(): readonly OwnGroup[];
}

/** Begins conversations by username, and finds groups by their names. */
export class Beginning {
  readonly #host: BeginningHost;

  constructor(host: BeginningHost) {
    this.#host = host;
  }

  /**
   * Finds a user by name and opens the conversation; with a first message, sends it. A person who has gone elsewhere
   * meanwhile stays there: the next key would go to the wrong receiver. Where no user has this name, a group of the user may.
   *
   * @throws ProblemError `unknown_user`. {@link DraftKeeper.removeFailed} then has the message.
   * @throws SeveralGroups
   */
  async start(username: string, content?: string): Promise<void> {
    const { firstMessages, drafts, mirror, reading, tabs } = this.#host;
    const to = reading.to.value;
    const name = username.trim();
    const message = content === undefined ? undefined : firstMessages.add(name, content);
    const user = await this.#welcome(name, message).catch((error: unknown) => {
      if (message !== undefined) message.hasFailed = true;
      if (error instanceof ProblemError && error.code === "unknown_user") reading.unknown.value = name;
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

  /** Opens a group that To has found. What was typed under its name moves there. @throws DOMException when nothing can be stored */
  async openGroup({ peerId, name }: OwnGroup): Promise<void> {
    const { database, drafts, mirror, reading, tabs } = this.#host;
    const to = reading.to.value;
    // Its line may have been deleted here.
    await ensureConversation(database, { id: peerId, username: name });
    tabs.emit({ type: "changed" });
    await mirror.refreshed;
    if (reading.to.value === to) await Promise.all([drafts.moveTo(peerId), reading.open(peerId)]);
  }

  /** Finds a user, and stores the first message to them. */
  async #welcome(name: string, message: FirstMessage | undefined): Promise<User> {
    const user = await this.#findReceiver(name);
    await ensureConversation(this.#host.database, user);
    if (message !== undefined) await this.#enqueue(user.id, message);
    return user;
  }

  /** Moves the text from the draft to the outbox in one moment: a reload finds it in one of them. */
  async #enqueue(peerId: string, message: FirstMessage): Promise<void> {
    const { firstMessages, writing } = this.#host;
    const before = firstMessages.draftStart;
    // What is typed from now on is stored after that.
    message.isStored = true;
    try {
      await writing.sendFirst(peerId, message.content, NOBODY_YET, { before, after: firstMessages.draftStart });
    } catch (error) {
      message.isStored = false;
      throw error;
    }
  }

  /** A person goes before a group of the same name. An answer that does not say whether there is one is no reason to take the group. */
  async #findReceiver(name: string): Promise<User> {
    const inGroup = (): User | undefined => {
      const group = groupCalled(name, this.#host.ownGroups());
      return group && { id: group.peerId, username: group.name };
    };
    const group = USERNAME_FORM.test(name) ? undefined : inGroup();
    if (group !== undefined) return group;
    try {
      return await this.#find(name);
    } catch (error) {
      const isUnknown = error instanceof ProblemError && error.code === "unknown_user";
      const named = isUnknown ? inGroup() : undefined;
      if (named === undefined) throw error;
      return named;
    }
  }

  /**
   * Asks the server, which knows whether the name belongs to somebody else by now. Without a connection the list of
   * conversations tells.
   */
  async #find(username: string): Promise<User> {
    const { client, connection, mirror } = this.#host;
    const known = mirror.conversations.value?.find(({ name, isGroup }) => !isGroup && name === username.toLowerCase());
    if (known === undefined) return client.find(username);
    const user = { id: known.peerId, username: known.name };
    if (connection.value.kind !== "connected") return user;
    return client.find(username).catch((error: unknown) => {
      if (isPassing(error)) return user;
      throw error;
    });
  }
}
