import { type ListedGroup, ProblemError } from "../lib/client/index.ts";
import { GROUP_ID } from "../lib/contract/groups.ts";
import type { LoggedIn } from "./context.ts";
import { EXIT } from "./exit-codes.ts";
import { CliError } from "./failures.ts";
import { groupLine } from "./group-text.ts";
import { quoted } from "./quotes.ts";

/** Where messages go: to a user, or to a group that the user is in. */
export interface Place {
  readonly id: string;
  /** The username, or the group's name. */
  readonly name: string;
  readonly isGroup: boolean;
}

export interface PlaceOptions {
  /** `--group`: the name is a group's, though a user may have it as well. */
  readonly group?: boolean;
}

/** A place in a sentence. */
export const nameOf = ({ name, isGroup }: Place): string => (isGroup ? `the group ${quoted(name)}` : name);

type Parts = Pick<LoggedIn, "client" | "onRetry">;

/**
 * Finds the user or the group with a name. A username comes before a group's name: anybody can give a group the name of a user.
 *
 * @throws CliError when there is neither, or several groups have the name
 */
export async function placeOf(parts: Parts, text: string, { group: isGroup = false }: PlaceOptions): Promise<Place> {
  if (isGroup) return groupOf(parts, text);
  const byId = await groupById(parts, text);
  const place = byId ?? (await userNamed(parts, text)) ?? (await groupNamed(parts, text));
  if (place !== undefined) return place;
  throw new CliError(EXIT.noUser, `There is no user "${text}", and you are in no group with that name.`);
}

/**
 * Finds one of the user's groups by its id or its name.
 *
 * @throws CliError when there is none, or several have the name
 */
export async function groupOf(parts: Parts, text: string): Promise<Place> {
  const group = (await groupById(parts, text)) ?? (await groupNamed(parts, text));
  if (group !== undefined) return group;
  throw new CliError(EXIT.noUser, `You are in no group "${text}": gotalk group list lists those that you are in.`);
}

/**
 * Finds users by their names, each once.
 *
 * @throws CliError when nobody has one of the names
 */
export async function peopleNamed(parts: Parts, names: readonly string[]): Promise<readonly Place[]> {
  const found = new Map<string, Place>();
  const unknown: string[] = [];
  for (const name of names) {
    const user = await userNamed(parts, name);
    if (user === undefined) unknown.push(name);
    else found.set(user.id, user);
  }
  if (unknown.length === 0) return [...found.values()];
  throw new CliError(
    EXIT.noUser,
    `There is no user ${unknown.map((name) => `"${name}"`).join(", ")}. Nothing was changed.`,
  );
}

/** A group's id comes before a username: by chance nobody's name has the same 22 characters. */
async function groupById({ client, onRetry }: Parts, text: string): Promise<Place | undefined> {
  if (!GROUP_ID.test(text)) return undefined;
  const group = await orNone(client.group(text, { onRetry }), ({ code }) => code === "unknown_group" || isTooOld(code));
  return group && placeIn(group);
}

async function userNamed({ client, onRetry }: Parts, text: string): Promise<Place | undefined> {
  // A username may look like a group's id, but has no capitals. Otherwise a user who takes the id of a group that this user has
  // left, in small letters, would get what is sent to the group.
  if (GROUP_ID.test(text) && text !== text.toLowerCase()) return undefined;
  const user = await orNone(client.find(text, { onRetry }), isNobodys);
  return user && { id: user.id, name: user.username, isGroup: false };
}

/** Nobody has the name, or nobody can have it. */
const isNobodys = ({ code, fields }: ProblemError): boolean =>
  code === "unknown_user" || fields.some(({ field }) => field === "username");

/** A server that is too old for groups has none of their routes. */
const isTooOld = (code: string): boolean => code === "not_found";

async function groupNamed({ client, onRetry }: Parts, text: string): Promise<Place | undefined> {
  const groups = (await orNone(client.groups({ onRetry }), ({ code }) => isTooOld(code))) ?? [];
  const exact = groups.filter(({ name }) => name === text);
  const alike = exact.length > 0 ? exact : groups.filter(({ name }) => folded(name) === folded(text));
  if (alike.length > 1) throw ambiguous(text, alike);
  return alike[0] && placeIn(alike[0]);
}

const placeIn = ({ groupId, name }: Pick<ListedGroup, "groupId" | "name">): Place => ({
  id: groupId,
  name,
  isGroup: true,
});

const folded = (name: string): string => name.normalize("NFKC").toLowerCase();

function ambiguous(text: string, groups: readonly ListedGroup[]): CliError {
  const choice = `You are in ${groups.length} groups "${text}". Give the id of the one that you mean:`;
  return new CliError(EXIT.usage, [choice, ...groups.map(groupLine)].join("\n"));
}

/** The result, or undefined where the problem says that there is none. */
async function orNone<T>(result: Promise<T>, isNone: (error: ProblemError) => boolean): Promise<T | undefined> {
  try {
    return await result;
  } catch (error) {
    if (error instanceof ProblemError && isNone(error)) return undefined;
    throw error;
  }
}
