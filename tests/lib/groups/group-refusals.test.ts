import { describe, expect, it } from "vitest";
import { LIMITS } from "../../../lib/contract/limits.ts";
import { blockedBy, refusalError, unknownUser } from "../../../lib/groups/group-refusals.ts";

const [ANN, BOB] = [
  { id: "id-a", username: "ann" },
  { id: "id-b", username: "bob" },
];

describe("what a client is told of a refused change of a group", () => {
  it.each([
    ["not_an_admin", 403, "Only an admin of the group may do this. GET /groups/{groupId} says who is one."],
    ["too_many_members", 409, `A group may have ${LIMITS.groups.members} members. Nothing was changed.`],
    ["invalid_invite", 403, "The code is wrong, or no longer valid. Ask an admin of the group for another one."],
  ] as const)("%s is %i: %s", (code, status, message) => {
    expect(refusalError(code)).toMatchObject({ code, status, message });
  });

  it("names the users who do not exist where a request names several", () => {
    const lookUp = "Look it up by GET /users/{username}.";
    expect(unknownUser()).toMatchObject({ code: "unknown_user", message: `No user has this id. ${lookUp}` });
    const several = unknownUser(["id-a", "id-b"]);
    expect(several.message).toBe(`No user has the id id-a, id-b. ${lookUp}`);
  });

  it("names the users who have blocked the one who adds them", () => {
    expect(blockedBy([ANN, BOB])).toMatchObject({
      code: "blocked",
      message: "You cannot add ann, bob. They have blocked you. Nothing was changed.",
    });
  });
});
