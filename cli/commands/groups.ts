import { type Group, ProblemError } from "../../lib/client/index.ts";
import { type GlobalOptions, type LoggedIn, loggedIn } from "../context.ts";
import { EXIT } from "../exit-codes.ts";
import { CliError, exitCodeOf, explain, REPEATABLE, withHint } from "../failures.ts";
import { groupLine, groupText } from "../group-text.ts";
import { inviteLink, readInvite } from "../invite-link.ts";
import { print, printError, printText } from "../output.ts";
import { groupOf, nameOf, type Place, peopleNamed } from "../places.ts";
import { quoted } from "../quotes.ts";
import { jsonLine } from "../text.ts";

export interface GroupOptions extends GlobalOptions {
  readonly json?: boolean;
}

/** `gotalk group create NAME MEMBER...`. Prints the id. */
export async function createGroup(name: string, members: readonly string[], options: GroupOptions): Promise<void> {
  const context = await loggedIn(options);
  const { client, session, notice, onRetry } = context;
  const others = (await peopleNamed(context, members)).filter(({ id }) => id !== session.id);
  if (others.length === 0) throw new CliError(EXIT.usage, "Name at least one other member of the group.");
  const group = await withHint(
    client.createGroup({ name, members: others.map(({ id }) => id), onRetry }),
    "The group may be made: gotalk group list lists the groups that you are in.",
  );
  notice("The group is made. Its id:");
  await printGroup(group, options, `${group.groupId}`);
}

/** `gotalk group list` */
export async function listGroups(options: GroupOptions): Promise<void> {
  const { client, notice, onRetry } = await loggedIn(options);
  const groups = await client.groups({ onRetry });
  if (groups.length === 0) notice("You are in no group.");
  for (const group of groups) {
    await (options.json ? print(jsonLine(group)) : printText(`${groupLine(group)}\n`));
  }
}

/** `gotalk group show GROUP` */
export async function showGroup(group: string, options: GroupOptions): Promise<void> {
  const context = await loggedIn(options);
  const { id } = await groupOf(context, group);
  const shown = await context.client.group(id, { onRetry: context.onRetry });
  await printGroup(shown, options, groupText(shown));
}

/** `gotalk group rename GROUP NAME` */
export async function renameGroup(group: string, name: string, options: GroupOptions): Promise<void> {
  const context = await loggedIn(options);
  const place = await groupOf(context, group);
  const { client, notice, onRetry } = context;
  const renamed = await withHint(client.renameGroup(place.id, name, { onRetry }), REPEATABLE);
  notice(`The group ${quoted(place.name)} is now called ${quoted(renamed.name)}.`);
  await printGroup(renamed, options);
}

/** `gotalk group add GROUP MEMBER...` */
export async function addMembers(
  group: string,
  members: readonly string[],
  options: GroupOptions & { readonly admin?: boolean },
): Promise<void> {
  const context = await loggedIn(options);
  const { client, onRetry } = context;
  const place = await groupOf(context, group);
  const people = await peopleNamed(context, members);
  const add = ({ id }: Place) =>
    options.admin ? client.setAdmin(place.id, id, true, { onRetry }) : client.addMember(place.id, id, { onRetry });
  const added = await forEach(people, add);
  context.notice(`Now in ${nameOf(place)}: ${people.map(({ name }) => name).join(", ")}.`);
  if (added !== undefined) await printGroup(added, options);
}

/** `gotalk group remove GROUP MEMBER...` */
export async function removeMembers(group: string, members: readonly string[], options: GlobalOptions): Promise<void> {
  const context = await loggedIn(options);
  const { client, notice, onRetry } = context;
  const place = await groupOf(context, group);
  const people = await membersNamed(context, place, members);
  await forEach(people, ({ id }) => client.removeMember(place.id, id, { onRetry }));
  notice(`No longer in ${nameOf(place)}: ${people.map(({ name }) => name).join(", ")}. Its invite link is void.`);
}

/** `gotalk group admin GROUP MEMBER`, or with `--off`: no longer. */
export async function setAdmin(
  group: string,
  member: string,
  options: GroupOptions & { readonly off?: boolean },
): Promise<void> {
  const context = await loggedIn(options);
  const { client, notice, onRetry } = context;
  const place = await groupOf(context, group);
  // The API adds a user who is not in the group.
  const [person] = await membersNamed(context, place, [member]);
  if (person === undefined) return;
  const isAdmin = !options.off;
  const changed = await withHint(client.setAdmin(place.id, person.id, isAdmin, { onRetry }), REPEATABLE);
  notice(`${person.name} is ${isAdmin ? "an" : "no longer an"} admin of ${nameOf(place)}.`);
  await printGroup(changed, options);
}

/** `gotalk group leave GROUP` */
export async function leaveGroup(group: string, options: GlobalOptions): Promise<void> {
  const context = await loggedIn(options);
  const { client, notice, onRetry } = context;
  const place = await groupOf(context, group);
  await withHint(
    client.leaveGroup(place.id, { onRetry }),
    "You may have left it: gotalk group list lists the groups that you are in.",
  );
  notice(`You have left ${nameOf(place)}.`);
}

/** `gotalk group invite GROUP`. Prints the code, and the link that bears it. */
export async function inviteToGroup(group: string, options: GroupOptions): Promise<void> {
  const context = await loggedIn(options);
  const { client, url, notice, onRetry } = context;
  const place = await groupOf(context, group);
  const code = await client.inviteToGroup(place.id, { onRetry });
  const link = inviteLink(url, code, place.name);
  notice(`Everybody with this code or link can join ${nameOf(place)}. Earlier ones are void.`);
  await (options.json ? print(jsonLine({ code, link })) : printText(`${code}\n${link}\n`));
}

/** `gotalk group join CODE`, which may be a whole link. Prints the id. */
export async function joinGroup(invite: string, options: GroupOptions): Promise<void> {
  const { client, url, notice, onRetry } = await loggedIn(options);
  const joined = await withHint(client.joinGroup(readInvite(invite, url), { onRetry }), REPEATABLE);
  notice(`You are in ${nameOf({ id: joined.groupId, name: joined.name, isGroup: true })}. Its id:`);
  await printGroup(joined, options, joined.groupId);
}

/** Prints a group: as JSON if wanted, or else a text for people, if there is any. */
async function printGroup(group: Group, { json }: GroupOptions, text?: string): Promise<void> {
  if (json) await print(jsonLine(group));
  else if (text !== undefined) await printText(`${text}\n`);
}

/**
 * Finds members of a group by their names.
 *
 * @throws CliError when one is not in it
 */
async function membersNamed({ client, onRetry }: LoggedIn, place: Place, names: readonly string[]) {
  const { members } = await client.group(place.id, { onRetry });
  const found = names.map((name) => members.find(({ username }) => username === name.toLowerCase()));
  const unknown = names.filter((_, at) => found[at] === undefined);
  if (unknown.length > 0) {
    throw new CliError(
      EXIT.noUser,
      `Not in ${nameOf(place)}: ${unknown.map((name) => `"${name}"`).join(", ")}. Nothing was changed.`,
    );
  }
  return found
    .filter((member) => member !== undefined)
    .map(({ id, username }) => ({ id, name: username, isGroup: false }));
}

/** Problems with one person, which stop nothing else. */
const PERSONAL = new Set<string>(["blocked", "too_many_groups", "unknown_user"]);

/**
 * Does the same for each person. One who cannot be added keeps nobody else out.
 *
 * @returns the last result
 * @throws CliError with the code of the first failure, once all others are done
 */
async function forEach<T>(people: readonly Place[], change: (person: Place) => Promise<T>): Promise<T | undefined> {
  let last: T | undefined;
  let exitCode = 0;
  for (const person of people) {
    try {
      last = await withHint(change(person), REPEATABLE);
    } catch (error) {
      if (!(error instanceof ProblemError) || !PERSONAL.has(error.code)) throw error;
      printError(`${person.name}: ${explain(error)}`);
      exitCode ||= exitCodeOf(error);
    }
  }
  if (exitCode !== 0) throw new CliError(exitCode, "All others are done.");
  return last;
}
