import { signal } from "@preact/signals";
import {
  type Client,
  type Group,
  isUncertain,
  newLoginId,
  ProblemError,
  type User,
} from "../../../lib/client/index.ts";
import { changeGroup, knownGroups } from "../storage/groups.ts";
import type { KnownGroup } from "../storage/records.ts";
import type { Database } from "../storage/schema.ts";
import { goneFrom, withAnswer } from "./groupState.ts";
import type { Tabs } from "./tabs.ts";

/** What a {@link Groups} needs. */
interface GroupsHost {
  readonly database: Database;
  readonly tabs: Tabs;
  readonly ownId: string;
  /** Asks the server. */
  ask<T>(work: (client: Client) => Promise<T>): Promise<T>;
}

/** A group that is about to be made. */
export interface NewGroupDraft {
  readonly name: string;
  readonly members: readonly User[];
  /** The same in each attempt: a repeat finds the group that the first one made. */
  readonly groupKey: string;
  /** An attempt may have made the group. What it is made of must not change before that is known. */
  readonly mayExist?: boolean;
}

const emptyDraft = (): NewGroupDraft => ({ name: "", members: [], groupKey: newLoginId() });

/** Whether an answer says that there is no group of this key: the server looks for it before anything but a limit or the session. */
const isDecided = (error: unknown): boolean =>
  error instanceof ProblemError && error.status < 500 && ![401, 408, 429].includes(error.status);

/** The draft after a failed attempt. A group that does not exist gets another key: the person may change what it is made of. */
function afterFailure(draft: NewGroupDraft, error: unknown): NewGroupDraft {
  const { mayExist = false, ...rest } = draft;
  if (mayExist && isDecided(error)) return { ...rest, groupKey: newLoginId() };
  return mayExist || isUncertain(error) ? { ...rest, mayExist: true } : rest;
}

/** The groups of the user, as this tab shows them, and what the person does with them. Every call throws what the client throws. */
export class Groups {
  /** The group that the person is about to make. It lasts as long as the tab. */
  readonly draft = signal<NewGroupDraft>(emptyDraft());
  readonly #known = signal<ReadonlyMap<string, KnownGroup>>(new Map());
  readonly #host: GroupsHost;

  constructor(host: GroupsHost) {
    this.#host = host;
    host.tabs.listen((event) => {
      if (event.type === "groups") void this.load().catch(() => undefined);
    });
  }

  /** What is known of a group. Undefined: nothing yet, or it is no group. */
  of(groupId: string): KnownGroup | undefined {
    return this.#known.value.get(groupId);
  }

  /** All that are known, also those that the user is in no more. */
  get all(): readonly KnownGroup[] {
    return [...this.#known.value.values()];
  }

  /** Shows what is stored. */
  async load(): Promise<void> {
    const groups = await knownGroups(this.#host.database);
    this.#known.value = new Map(groups.map((group) => [group.groupId, group]));
  }

  find(username: string): Promise<User> {
    return this.#host.ask((client) => client.find(username));
  }

  /** Makes the group of the draft. @returns its id */
  async create(): Promise<string> {
    const { name, members, groupKey } = this.draft.value;
    const made = { name: name.trim(), members: members.map(({ id }) => id), groupKey };
    const fail = (error: unknown) => {
      this.draft.value = afterFailure(this.draft.value, error);
    };
    // An attempt may be followed by others within the call, which are answered otherwise.
    const { groupId } = await this.#keep((client) => client.createGroup({ ...made, onRetry: fail }), true).catch(
      (error: unknown) => {
        fail(error);
        throw error;
      },
    );
    this.draft.value = emptyDraft();
    return groupId;
  }

  /** Asks the server how the group is now. */
  async refresh(groupId: string): Promise<void> {
    await this.#keep((client) => client.group(groupId));
  }

  async rename(groupId: string, name: string): Promise<void> {
    await this.#keep((client) => client.renameGroup(groupId, name));
  }

  async add(groupId: string, userId: string): Promise<void> {
    await this.#keep((client) => client.addMember(groupId, userId));
  }

  async setAdmin(groupId: string, userId: string, isAdmin: boolean): Promise<void> {
    await this.#keep((client) => client.setAdmin(groupId, userId, isAdmin));
  }

  async remove(groupId: string, userId: string): Promise<void> {
    await this.#keep(async (client) => {
      await client.removeMember(groupId, userId);
      return client.group(groupId);
    });
  }

  async leave(groupId: string): Promise<void> {
    await this.#host.ask((client) => client.leaveGroup(groupId));
    await this.#change(groupId, (known) => known && goneFrom(known, this.#host.ownId, { how: "left" }));
  }

  /** Makes a code for an invite link. The one before is void from then on. */
  async invite(groupId: string): Promise<void> {
    const invite = await this.#host.ask((client) => client.inviteToGroup(groupId));
    await this.#change(groupId, (known) => known && { ...known, invite });
  }

  /** @returns the id of the group */
  async join(code: string): Promise<string> {
    return (await this.#keep((client) => client.joinGroup(code), true)).groupId;
  }

  /** @param isBegun Whether the user makes or joins the group by that. */
  async #keep(work: (client: Client) => Promise<Group>, isBegun = false): Promise<Group> {
    const answer = await this.#host.ask(work);
    await this.#change(answer.groupId, (known) => withAnswer(known, answer), isBegun);
    return answer;
  }

  async #change(groupId: string, change: Parameters<typeof changeGroup>[2], isBegun = false): Promise<void> {
    const hasChanged = await changeGroup(this.#host.database, groupId, change, isBegun);
    if (hasChanged) this.#host.tabs.emit({ type: "groups" });
    await this.load();
  }
}
