import { type GroupEvent, type GroupMember, groupEventIn, type Message, type Typing } from "../lib/client/index.ts";
import { listed } from "./group-text.ts";
import type { Place } from "./places.ts";

interface Members {
  readonly version: number;
  readonly members: readonly Pick<GroupMember, "id" | "username">[];
}

/** So many typists are named. */
const MOST_NAMES = 3;

/** The people of the conversation that a chat is in, and who of them is typing. */
export class ChatPeople {
  readonly #place: Place;
  readonly #ask: () => Promise<Members>;
  #names = new Map<string, string>();
  /** Of the group, as its members are known. Events up to it are taken. */
  #version = 0;
  /** Events after one that is missing, by their versions. */
  readonly #ahead = new Map<number, GroupEvent>();
  #isAsking = false;
  readonly #typists = new Set<string>();

  /** @param ask The members of the group now. Asked when an event is missing: it may come late, or never. */
  constructor(place: Place, members: Members, ask: () => Promise<Members>) {
    this.#place = place;
    this.#ask = ask;
    this.#set(members);
  }

  /** How many there are, this user included. */
  get count(): number {
    return this.#names.size;
  }

  /** Takes an event of the group. Events may come in any order. */
  hear(message: Message): void {
    if (message.type !== "group" || message.toId !== this.#place.id) return;
    const event = groupEventIn(message);
    if (event.version <= this.#version) return;
    this.#ahead.set(event.version, event);
    this.#applyAhead();
    if (this.#ahead.size > 0) void this.#fillGap();
  }

  async #fillGap(): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    try {
      const members = await this.#ask();
      if (members.version > this.#version) this.#set(members);
    } catch {
      // The next event asks again. It is no failure of the chat: the user may have left the group.
    } finally {
      this.#isAsking = false;
    }
  }

  #set({ version, members }: Members): void {
    this.#version = version;
    this.#names = new Map(members.map(({ id, username }) => [id, username]));
    for (const earlier of [...this.#ahead.keys()].filter((other) => other <= version)) this.#ahead.delete(earlier);
    this.#applyAhead();
  }

  /** Takes the events that follow without a gap. */
  #applyAhead(): void {
    for (let next = this.#nextAhead(); next !== undefined; next = this.#nextAhead()) {
      this.#ahead.delete(next.version);
      this.#version = next.version;
      this.#apply(next);
    }
  }

  #nextAhead(): GroupEvent | undefined {
    return this.#ahead.get(this.#version + 1);
  }

  #apply({ event, member }: GroupEvent): void {
    if (member === undefined) return;
    if (event === "added" || event === "joined") this.#names.set(member.id, member.username);
    if (event === "removed" || event === "left") this.#names.delete(member.id);
  }

  /** Notes that somebody begins to type or has ended. @returns who is typing in this conversation now, in words */
  typing({ senderId, toId, isTyping }: Typing): string {
    const isHere = this.#place.isGroup ? toId === this.#place.id : toId === undefined && senderId === this.#place.id;
    if (isHere && isTyping) this.#typists.add(senderId);
    if (isHere && !isTyping) this.#typists.delete(senderId);
    const names = [...this.#typists].map((id) => this.#names.get(id) ?? "somebody");
    if (names.length === 0) return "";
    if (names.length > MOST_NAMES) return `${names.length} people are typing ...`;
    return `${listed(names)} ${names.length === 1 ? "is" : "are"} typing ...`;
  }
}
