import type { Group, GroupEvent, GroupMember, GroupPerson } from "../../../lib/client/index.ts";
import type { Gone, KnownGroup } from "../storage/records.ts";

/** An event of a group, and the person who did it. */
export interface ToldEvent {
  readonly event: GroupEvent;
  readonly by: GroupPerson;
}

/** By their names, as the server lists them. */
const sorted = (members: readonly GroupMember[]): GroupMember[] =>
  members.toSorted((one, other) => (one.username < other.username ? -1 : 1));

const without = (members: readonly GroupMember[], id: string): GroupMember[] =>
  members.filter((member) => member.id !== id);

const withMember = (members: readonly GroupMember[], { id, username }: GroupPerson, admin: boolean): GroupMember[] =>
  sorted([...without(members, id), { id, username, admin }]);

const isLeaving = ({ event }: GroupEvent): boolean => event === "left" || event === "removed";

/** The most names of former members that are kept. */
const MOST_FORMER = 200;

/** The names of all who were members before, as well: they go on being mentioned in what was written then. */
function formerOf({ members, former = [] }: KnownGroup, now: readonly GroupMember[]): Pick<KnownGroup, "former"> {
  const left = members.filter(({ id }) => !now.some((member) => member.id === id)).map(({ username }) => username);
  const names = [...new Set([...left, ...former])].slice(0, MOST_FORMER);
  return names.length === 0 ? {} : { former: names };
}

/** What is known of a group once the user is out of it. */
export function goneFrom(known: KnownGroup, ownId: string, gone: Gone, version = known.version): KnownGroup {
  const { invite: _, ...rest } = known;
  return { ...rest, version, members: without(known.members, ownId), gone };
}

/** The members after an event; undefined if this version of the page cannot tell. */
function membersAfter({ members }: KnownGroup, event: GroupEvent): readonly GroupMember[] | undefined {
  const { event: kind, member, admin = false, newAdmin } = event;
  if (kind === "renamed") return members;
  if (member === undefined) return undefined;
  if (kind === "added" || kind === "joined" || kind === "admin") return withMember(members, member, admin);
  if (!isLeaving(event)) return undefined;
  const rest = without(members, member.id);
  return newAdmin === undefined ? rest : withMember(rest, newAdmin, true);
}

/**
 * What an event makes of a known group. The state of the last version counts: an event that came late changes nothing.
 *
 * @returns `ask`: an event before it is missing, or it tells too little, so the server has to be asked
 */
export function withEvent(known: KnownGroup, { event, by }: ToldEvent, ownId: string): KnownGroup | "ask" {
  const { version } = event;
  if (version <= known.version) return known;
  if (isLeaving(event) && event.member?.id === ownId) {
    const gone: Gone = event.event === "left" ? { how: "left" } : { how: "removed", by: by.username };
    return goneFrom(known, ownId, gone, version);
  }
  if (known.gone !== undefined || version !== known.version + 1) return "ask";
  const members = membersAfter(known, event);
  if (members === undefined) return "ask";
  const { invite, ...rest } = known;
  // A removal makes the code void.
  const isValid = invite !== undefined && event.event !== "removed";
  const name = event.name ?? known.name;
  return { ...rest, version, members, name, ...formerOf(known, members), ...(isValid && { invite }) };
}

/** What the server's answer makes of a known group. A late answer changes nothing. */
export function withAnswer(known: KnownGroup | undefined, answer: Group): KnownGroup {
  const { groupId, name, version, members } = answer;
  const group = { groupId, name, version, members };
  if (known === undefined) return group;
  // A version at which the user was told to be out is one at which the server would not have answered.
  const isNews = version > known.version || (version === known.version && known.gone?.how === "unknown");
  if (!isNews) return known;
  const news = { ...group, ...formerOf(known, members) };
  const ids = new Set(members.map(({ id }) => id));
  const isValid = known.invite !== undefined && known.members.every(({ id }) => ids.has(id));
  return isValid ? { ...news, invite: known.invite } : news;
}
