import type { Group, ListedGroup } from "../lib/client/index.ts";

/** A group in the list of the user's own, as a line for people. */
export const groupLine = ({ groupId, memberCount, admin, name }: ListedGroup): string =>
  [groupId, memberCount, ...(admin ? ["*"] : []), name].join(" ");

/** A group for people: the id and the name, and a line for each member. */
export const groupText = ({ groupId, name, members }: Group): string =>
  [`${groupId} ${name}`, ...members.map(({ username, admin }) => `    ${username}${admin ? " (admin)" : ""}`)].join(
    "\n",
  );

/** Several names as a part of a sentence: `alice, bob and carol`. */
export function listed(names: readonly string[]): string {
  const last = names.at(-1) ?? "";
  return names.length < 2 ? last : `${names.slice(0, -1).join(", ")} and ${last}`;
}
