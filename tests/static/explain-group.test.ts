import { describe, expect, it } from "vitest";
import { NetworkError, ProblemError } from "../../lib/client/index.ts";
import { explainGroup, explainMember } from "../../static/src/view/dialogs/explainGroup.ts";
import { nameProblem } from "../../static/src/view/dialogs/nameProblem.ts";

const refusal = (status: number, code: string, detail = "Detail.") => new ProblemError({ status, code, detail });
const UNCERTAIN = /^The server cannot be reached\. It is not known whether this was done\./;

describe("why a change of a group failed", () => {
  it.each([
    ["invalid_invite", "This invite link lets nobody in any more. Ask an admin of the group for another one."],
    ["not_an_admin", "Only an admin of the group can do this."],
    ["unknown_user", "This user does not exist any more."],
    ["unknown_group", "You are not in this group any more."],
    ["blocked", "You cannot add bob."],
    ["too_many_members", "You cannot add bob."],
  ])("is told for %s: %s", (code, words) => {
    expect(explainGroup(refusal(403, code, "You cannot add bob."))).toBe(words);
  });

  it("is not known where no answer came", () => {
    expect(explainGroup(new NetworkError("cut"))).toMatch(UNCERTAIN);
    expect(explainMember("bob")(new NetworkError("cut"))).toMatch(UNCERTAIN);
  });

  it("names the user who was looked up and is not there", () => {
    const explain = explainMember("bob");
    expect(explain(refusal(404, "unknown_user"))).toBe("There is no user called “bob”.");
    expect(explain(refusal(403, "not_an_admin"))).toBe("Only an admin of the group can do this.");
  });
});

describe("the name of a group", () => {
  it.each([
    ["Tea", undefined],
    [` ${"💻".repeat(64)} `, undefined],
    ["", "Give the group a name."],
    [" \u200b", "Give the group a name."],
    ["💻".repeat(65), "A name has at most 64 characters, and this one has 65."],
  ])("%j has the problem: %s", (name, problem) => {
    expect(nameProblem(name)).toBe(problem);
  });
});
