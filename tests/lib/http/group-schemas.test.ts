import { describe, expect, it } from "vitest";
import { LIMITS } from "../../../lib/contract/limits.ts";
import {
  GroupParameters,
  JoinGroupBody,
  MakeGroupBody,
  MemberParameters,
  PutMemberBody,
  RenameGroupBody,
} from "../../../lib/http/group-schemas.ts";
import { validate } from "../../../lib/http/schemas.ts";
import { problem } from "../../support/problems.ts";

type Schema = Parameters<typeof validate>[0];

const GROUP = `g-${"-_aZ09".padEnd(22, "x")}`;
const USER = "0195f3a0-1234-4000-9000-0123456789ab";
/** The same ones each time: they are in the names of tests. */
const ids = (count: number) =>
  Array.from({ length: count }, (_, at) => USER.slice(0, -3) + String(at).padStart(3, "0"));
const MOST = LIMITS.groups.members - 1;

/** What is wrong with the fields, by their names; nothing if they are taken. */
function faultsOf(schema: Schema, fields: object): readonly (readonly [field: string, detail: string])[] {
  try {
    validate(schema, fields);
    return [];
  } catch (error) {
    expect(error).toEqual(problem("invalid_request"));
    const { members } = error as { members: { errors: readonly { field: string; detail: string }[] } };
    return members.errors.map(({ field, detail }) => [field, detail] as const);
  }
}

/** Each field with a request that lacks it. */
const FIELDS: Readonly<Record<string, [schema: Schema, rest: object]>> = {
  name: [RenameGroupBody, { groupId: GROUP }],
  members: [MakeGroupBody, { name: "Tea" }],
  groupKey: [MakeGroupBody, { name: "Tea", members: [USER] }],
  groupId: [GroupParameters, {}],
  userId: [MemberParameters, { groupId: GROUP }],
  admin: [PutMemberBody, { groupId: GROUP, userId: USER }],
  code: [JoinGroupBody, {}],
};
const faultsAt = (field: string, value: unknown) => {
  const [schema, rest] = FIELDS[field] as [Schema, object];
  return faultsOf(schema, { ...rest, [field]: value });
};

describe("a field of a request about groups", () => {
  it.each<[string, unknown[]]>([
    ["name", ["x", "Tea & Co", "💻".repeat(64), " x ", "\u200fTea"]],
    ["members", [[USER], ids(MOST), USER, ids(MOST).join()]],
    ["groupKey", [undefined, "-_aZ09".padEnd(16, "x"), "x".repeat(64)]],
    ["groupId", [GROUP]],
    ["userId", [USER]],
    ["admin", [undefined, true, false, "true", "false"]],
    ["code", ["x", "-_.aZ09", "x".repeat(64)]],
  ])("%s is taken as any of %j", (field, values) => {
    for (const value of values) expect(faultsAt(field, value), String(value)).toEqual([]);
  });

  const groupError = "must be the id of a group (GET /groups lists yours)";
  const nameError = "must have 1 to 64 visible characters on one line, and none that turns the direction of a text";
  const membersError = `must be the ids of 1 to ${MOST} other users`;
  const keyError = "must be 16 to 64 random characters of A-Z a-z 0-9 _ -, the same in each repeat of this request";
  const codeError = "must be the code of an invite link of a group";

  it.each<[string, string, unknown[]]>([
    ["name", nameError, ["", "x".repeat(65), "\u200b", "two\nlines", "\u202eaet"]],
    ["name", "is required: the group's name", [undefined]],
    ["name", "must be a string: the group's name", [1]],
    ["members", membersError, [undefined, 1, [], [USER, 1], ids(MOST + 1), ids(MOST + 1).join()]],
    ["groupKey", keyError, [1, "", "x".repeat(15), "x".repeat(65), `${"x".repeat(16)}!`, `!${"x".repeat(16)}`]],
    ["groupId", groupError, ["", "x", `${GROUP}x`, `x${GROUP}`, USER]],
    ["groupId", "is required: the id of a group (GET /groups lists yours)", [undefined]],
    ["admin", "must be true or false", ["yes", 1]],
    ["code", codeError, ["", "x".repeat(65), "x!", "!x"]],
    ["code", "is required: the code of an invite link", [undefined]],
  ])("%s is refused: %s", (field, detail, values) => {
    for (const value of values) expect(faultsAt(field, value), String(value)).toEqual([[field, detail]]);
  });

  it.each([
    ["members", "members.0", ["", "x", ["x"], `x,${USER}`]],
    ["members", "members.1", [`${USER},`, [USER, "x"]]],
    ["userId", "userId", ["", "x"]],
  ])("%s names users: %s is refused", (field, at, values) => {
    for (const value of values) expect(faultsAt(field, value), String(value)).toEqual([[at, "must be a user's id"]]);
  });
});

describe("what a route takes", () => {
  it("is every field that it names, and the members of a form as a list", () => {
    const token = "t";
    const [one, other] = ids(2) as [string, string];
    const groupKey = "k".repeat(16);
    expect(validate(MakeGroupBody, { token, name: "Tea", members: `${one},${other}`, groupKey })).toEqual({
      ...{ token, name: "Tea", members: [one, other], groupKey },
    });
    expect(validate(GroupParameters, { token, groupId: GROUP })).toEqual({ token, groupId: GROUP });
    expect(validate(RenameGroupBody, { token, groupId: GROUP, name: "Tea" })).toEqual({
      ...{ token, groupId: GROUP, name: "Tea" },
    });
    const member = { token, groupId: GROUP, userId: USER };
    expect(validate(MemberParameters, member)).toEqual(member);
    expect(validate(PutMemberBody, { ...member, admin: "false" })).toEqual({ ...member, admin: false });
    expect(validate(JoinGroupBody, { token, code: "c" })).toEqual({ token, code: "c" });
  });

  it("is nothing that lacks what it needs", () => {
    const fields = (schema: Schema) => faultsOf(schema, {}).map(([field]) => field);
    expect(fields(MakeGroupBody)).toEqual(["name", "members"]);
    expect(fields(RenameGroupBody)).toEqual(["groupId", "name"]);
    expect(fields(MemberParameters)).toEqual(["groupId", "userId"]);
    expect(fields(PutMemberBody)).toEqual(["groupId", "userId"]);
  });
});
