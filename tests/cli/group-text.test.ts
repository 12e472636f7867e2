import { describe, expect, it } from "vitest";
import { groupLine, groupText, listed } from "../../cli/group-text.ts";

describe("a group in words", () => {
  const group = { groupId: "g-1", name: "Climbing on Mondays", version: 3 };

  it("is a line in a list, with a mark where the user is an admin", () => {
    expect(groupLine({ ...group, memberCount: 12, admin: false })).toBe("g-1 12 Climbing on Mondays");
    expect(groupLine({ ...group, memberCount: 12, admin: true })).toBe("g-1 12 * Climbing on Mondays");
  });

  it("is shown with a line for each member", () => {
    const members = [
      { id: "a", username: "anna", admin: true },
      { id: "b", username: "bert", admin: false },
    ];
    expect(groupText({ ...group, members })).toBe("g-1 Climbing on Mondays\n    anna (admin)\n    bert");
  });
});

it.each([
  [[], ""],
  [["anna"], "anna"],
  [["anna", "bert"], "anna and bert"],
  [["anna", "bert", "carl"], "anna, bert and carl"],
])("the names %j are listed as %j", (names, words) => {
  expect(listed(names)).toBe(words);
});
