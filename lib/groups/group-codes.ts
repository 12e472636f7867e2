import { hash } from "node:crypto";
import { GROUP_ID_PREFIX, hasFormOfGroupId } from "../contract/groups.ts";
import { newOpaqueId } from "../runtime/ids.ts";

/** 128 random bits. */
export const newGroupId = (): string => `${GROUP_ID_PREFIX}${newOpaqueId()}`;

const ID_CHARACTERS = 22;

/**
 * The id of a group whose maker names the request by a key: a repeat makes the same id, and so finds the group that the first
 * try has made. Nobody else's request makes it.
 */
export const groupIdOf = (makerId: string, groupKey: string): string =>
  `${GROUP_ID_PREFIX}${hash("sha256", `${makerId}/${groupKey}`, "base64url").slice(0, ID_CHARACTERS)}`;

/** A code that lets into a group: it names the group, so that no other record has to. */
interface GroupCode {
  readonly groupId: string;
  readonly inviteHash: string;
}

/** What is stored of a code. A plain hash is enough, as nobody can try 2^128 codes. */
const hashOf = (code: string): string => hash("sha256", code, "base64url");

/**
 * A code for a group: 128 random bits behind the group's id.
 *
 * @returns The code, which a link bears and which is stored nowhere, and what is stored of it.
 */
export function newGroupCode(groupId: string): Pick<GroupCode, "inviteHash"> & { readonly code: string } {
  const code = `${groupId}.${newOpaqueId()}`;
  return { code, inviteHash: hashOf(code) };
}

/** Reads a code. Undefined if it has not the form of one. */
export function readGroupCode(code: string): GroupCode | undefined {
  const groupId = code.slice(0, Math.max(0, code.indexOf(".")));
  return hasFormOfGroupId(groupId) ? { groupId, inviteHash: hashOf(code) } : undefined;
}
