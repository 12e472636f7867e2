import {
  type Client,
  type GroupMessage,
  groupEventIn,
  isGroupId,
  isPassing,
  ProblemError,
  retrying,
  steadily,
} from "../../../lib/client/index.ts";
import { changeGroup, knownGroup, knownGroups } from "../storage/groups.ts";
import type { StoredMessage } from "../storage/records.ts";
import type { Database } from "../storage/schema.ts";
import { goneFrom, type ToldEvent, withAnswer, withEvent } from "./groupState.ts";
import type { Tabs } from "./tabs.ts";

/** Milliseconds until a request that failed for the moment is repeated. */
const PAUSE = 15_000;

/** What a {@link GroupFollower} needs. */
interface FollowerHost {
  readonly client: Client;
  readonly database: Database;
  readonly ownId: string;
  readonly tabs: Tabs;
  readonly signal: AbortSignal;
}

/** Keeps what this device knows of the user's groups, in the leading tab: by their events, and by asking where one is missing. */
export class GroupFollower {
  readonly #host: FollowerHost;
  /** The groups that the server is to be asked for. */
  readonly #wanted = new Set<string>();
  #isAsking = false;

  constructor(host: FollowerHost) {
    this.#host = host;
  }

  /**
   * Compares what is known with the server's list, once: events may have been missed. A server that is too old for groups has
   * none.
   */
  async compare(): Promise<void> {
    const { client, database, signal } = this.#host;
    const listed = await this.#steadily(() => client.groups({ signal }));
    if (listed === undefined) return;
    const known = new Map((await knownGroups(database)).map((group) => [group.groupId, group]));
    const lines = (await database.getAllKeys("conversations")).filter(isGroupId);
    const isSame = ({ groupId, version }: (typeof listed)[number]): boolean => {
      const group = known.get(groupId);
      return group?.version === version && group.gone === undefined;
    };
    const there = new Set(listed.map(({ groupId }) => groupId));
    const isOpen = (groupId: string): boolean => !there.has(groupId) && known.get(groupId)?.gone === undefined;
    const changed = listed.filter((group) => !isSame(group)).map(({ groupId }) => groupId);
    await this.#ask([...changed, ...[...new Set([...known.keys(), ...lines])].filter(isOpen)]);
  }

  /** Applies the events among messages that were just stored. */
  async learn(messages: readonly StoredMessage[]): Promise<void> {
    const byGroup = Map.groupBy(
      messages.filter(({ conversationId }) => isGroupId(conversationId)),
      ({ conversationId }) => conversationId,
    );
    for (const [groupId, told] of byGroup) if (await this.#apply(groupId, eventsIn(told))) await this.#ask([groupId]);
  }

  /** The server has said that the user is not in a group. */
  doubt(groupId: string): Promise<void> {
    return this.#ask([groupId]);
  }

  /** @returns whether the server has to be asked */
  async #apply(groupId: string, events: readonly ToldEvent[]): Promise<boolean> {
    const { database, ownId } = this.#host;
    if (events.length === 0) return (await knownGroup(database, groupId)) === undefined;
    let mustAsk = false;
    const hasChanged = await changeGroup(database, groupId, (known) => {
      mustAsk = known === undefined;
      let group = known;
      for (const event of events) {
        const next = group && withEvent(group, event, ownId);
        mustAsk ||= next === "ask";
        if (next !== "ask") group = next;
      }
      return group;
    });
    if (hasChanged) this.#tell();
    return mustAsk;
  }

  async #ask(groupIds: readonly string[]): Promise<void> {
    for (const groupId of groupIds) this.#wanted.add(groupId);
    if (this.#isAsking) return;
    this.#isAsking = true;
    try {
      // One that is added meanwhile has its turn, too.
      for (const groupId of this.#wanted) {
        this.#wanted.delete(groupId);
        if (await this.#steadily(() => this.#askFor(groupId))) this.#tell();
      }
    } finally {
      this.#isAsking = false;
    }
  }

  /** @returns whether something has changed */
  async #askFor(groupId: string): Promise<boolean> {
    const { client, database, ownId, signal } = this.#host;
    const before = await knownGroup(database, groupId);
    try {
      const answer = await client.group(groupId, { signal });
      const isBegun = answer.members.some(({ id, joined }) => id === ownId && joined === true);
      return await changeGroup(database, groupId, (known) => withAnswer(known, answer), isBegun);
    } catch (error) {
      if (!(error instanceof ProblemError && error.code === "unknown_group")) throw error;
      const name = (await database.get("conversations", groupId))?.name ?? groupId;
      return changeGroup(database, groupId, (known = { groupId, name, version: 0, members: [] }) =>
        // The user may have been added again since.
        known.gone !== undefined || known.version !== (before?.version ?? 0)
          ? known
          : goneFrom(known, ownId, { how: "unknown" }),
      );
    }
  }

  /** Repeats what fails for the moment. @returns undefined where it is refused, or the tab is done */
  #steadily<T>(work: () => Promise<T>): Promise<T | undefined> {
    const { signal } = this.#host;
    const policy = steadily(PAUSE, ({ error }) => !signal.aborted && isPassing(error));
    return retrying(work, { policy, signal }).catch((error: unknown) => {
      if (signal.aborted || error instanceof ProblemError) return undefined;
      throw error;
    });
  }

  #tell(): void {
    this.#host.tabs.emit({ type: "groups" });
  }
}

/** The events among messages, in the order of their versions. */
const eventsIn = (messages: readonly StoredMessage[]): ToldEvent[] =>
  messages
    .filter(({ type }) => type === "group")
    .map(({ senderId, senderName, content }) => ({
      event: groupEventIn({ content } as GroupMessage),
      by: { id: senderId, username: senderName },
    }))
    .toSorted((one, other) => one.event.version - other.event.version);
