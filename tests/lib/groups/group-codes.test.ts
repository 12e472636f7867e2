import { describe, expect, it } from "vitest";
import { hasFormOfGroupId, isGroupId } from "../../../lib/contract/groups.ts";
import { groupIdOf, newGroupCode, newGroupId, readGroupCode } from "../../../lib/groups/group-codes.ts";
import { newUserId } from "../../../lib/runtime/ids.ts";

describe("the id of a group", () => {
  it("is told from a user's by its form", () => {
    expect(hasFormOfGroupId(newGroupId())).toBe(true);
    expect(hasFormOfGroupId(newUserId())).toBe(false);
    for (const text of ["g-", `x${newGroupId()}`, `${newGroupId()}x`, newGroupId().slice(0, -1), `${newGroupId()}\n`]) {
      expect(hasFormOfGroupId(text), text).toBe(false);
    }
  });

  it("is told from a user's by a client even if a later server makes longer ones", () => {
    const id = newGroupId();
    expect([id, `${id}x`, newUserId(), `x${id}`].map(isGroupId)).toEqual([true, true, false, false]);
  });

  it("is another one each time", () => expect(newGroupId()).not.toBe(newGroupId()));

  it("is the same for a repeat of one user's request, and for nothing else", () => {
    const id = groupIdOf("ann", "key");
    expect(hasFormOfGroupId(id)).toBe(true);
    expect(groupIdOf("ann", "key")).toBe(id);
    expect(groupIdOf("bob", "key")).not.toBe(id);
    expect(groupIdOf("ann", "other")).not.toBe(id);
  });
});

describe("the code of a group", () => {
  it("names its group, and tells nothing of itself by what is stored", () => {
    const groupId = newGroupId();
    const { code, inviteHash } = newGroupCode(groupId);
    expect(code).toMatch(/^g-[\w-]{22}\.[\w-]{22}$/);
    const read = readGroupCode(code);
    expect(read?.groupId).toBe(groupId);
    expect(read?.inviteHash).toBe(inviteHash);
    expect(inviteHash).toMatch(/^[\w-]{43}$/);
    expect(code).not.toContain(inviteHash);
  });

  it("is another one each time, and so is its hash", () => {
    const groupId = newGroupId();
    const [one, other] = [newGroupCode(groupId), newGroupCode(groupId)];
    expect(one?.code).not.toBe(other?.code);
    expect(one?.inviteHash).not.toBe(other?.inviteHash);
  });

  it.each(["", ".", "x", "x.y", `${newGroupId()}`, `${newGroupId()}x.y`, `.${newGroupId()}`])("%j is none", (code) => {
    expect(readGroupCode(code)).toBeUndefined();
  });
});
