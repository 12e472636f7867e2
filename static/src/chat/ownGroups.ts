import type { Conversation, KnownGroup } from "../storage/records.ts";

/** A group as To finds it. */
export interface OwnGroup {
  readonly peerId: string;
  /** The name that it has now. */
  readonly name: string;
  /** The user is in it no more. */
  readonly isGone: boolean;
}

/**
 * The groups that have a line in the list, and all others that the user is in: a conversation that was deleted on this device has no
 * line. Those that the user is in come first.
 */
export function ownGroups(lines: readonly Conversation[], known: readonly KnownGroup[]): readonly OwnGroup[] {
  const groups = new Map<string, OwnGroup>();
  for (const { peerId, name, isGroup } of lines) if (isGroup) groups.set(peerId, { peerId, name, isGone: false });
  for (const { groupId: peerId, name, gone } of known) {
    const isGone = gone !== undefined;
    if (!isGone || groups.has(peerId)) groups.set(peerId, { peerId, name, isGone });
  }
  return [...groups.values()].toSorted((one, other) => Number(one.isGone) - Number(other.isGone));
}

const lowered = (typed: string): string => typed.trim().toLowerCase();

/** The groups whose names have what was typed under To. */
export function groupsLike(typed: string, groups: readonly OwnGroup[]): readonly OwnGroup[] {
  const part = lowered(typed);
  return part === "" ? [] : groups.filter(({ name }) => name.toLowerCase().includes(part));
}

/** Several groups have the name that was typed under To. */
export class SeveralGroups extends Error {
  constructor(name: string) {
    super(`You have several groups called “${name}”. Choose one below “To”.`);
    this.name = "SeveralGroups";
  }
}

/**
 * The group of a name, in any case of letters. Groups that the user is in go before others.
 *
 * @throws SeveralGroups
 */
export function groupCalled(name: string, groups: readonly OwnGroup[]): OwnGroup | undefined {
  const named = groups.filter((group) => group.name.toLowerCase() === lowered(name));
  const joined = named.filter(({ isGone }) => !isGone);
  const [group, ...others] = joined.length > 0 ? joined : named;
  if (others.length > 0) throw new SeveralGroups(name);
  return group;
}
