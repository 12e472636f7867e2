import type { GroupEvent, GroupPerson, User } from "../../../lib/client/index.ts";

/** Names a member within a sentence, or at its beginning. */
type Naming = (person: GroupPerson, isFirst?: boolean) => string;

/** What an event says, behind the name of the person who did it. `whom`: the member whom it is about. */
const DEEDS: Readonly<Record<string, (event: GroupEvent, whom: string, nameOf: Naming) => string>> = {
  created: ({ name = "" }) => `made the group “${name}”`,
  added: ({ admin }, whom) => `added ${whom}${admin ? " as an admin" : ""}`,
  joined: () => "joined by the invite link",
  removed: (_, whom) => `removed ${whom}`,
  left: ({ newAdmin }, _, nameOf) =>
    newAdmin === undefined ? "left" : `left. ${nameOf(newAdmin, true)} became an admin`,
  renamed: ({ name = "" }) => `renamed the group to “${name}”`,
  admin: ({ admin }, whom) =>
    admin ? `made ${whom} an admin` : `removed ${whom === "you" ? "your" : `${whom}’s`} admin rights`,
};

function deedOf(event: GroupEvent, by: GroupPerson, nameOf: Naming): string {
  const { event: kind, member } = event;
  if (kind === "admin" && member?.id === by.id) return "gave up being an admin";
  const deed = Object.hasOwn(DEEDS, kind) ? DEEDS[kind] : undefined;
  const whom = member === undefined ? "somebody" : nameOf(member);
  return deed?.(event, whom, nameOf) ?? "changed the group. Update goTalk to see how";
}

/**
 * Says what has happened in a group: `ann added bob`.
 *
 * @param by The person who did it.
 * @param members The names as they are now, where they are known.
 */
export function eventText(event: GroupEvent, by: GroupPerson, ownId: string, members: readonly User[] = []): string {
  const nameOf: Naming = ({ id, username }, isFirst = false) => {
    if (id === ownId) return isFirst ? "You" : "you";
    return members.find((member) => member.id === id)?.username ?? username;
  };
  return `${nameOf(by, true)} ${deedOf(event, by, nameOf)}`;
}
