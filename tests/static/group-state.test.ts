import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { GroupEvent } from "../../lib/client/index.ts";
import { withAnswer, withEvent } from "../../static/src/chat/groupState.ts";
import type { KnownGroup } from "../../static/src/storage/records.ts";

const ME = "me";
const person = (id: string) => ({ id, username: `${id}-name` });
const member = (id: string, admin = false) => ({ ...person(id), admin });
const BY = person("ann");

const GROUP: KnownGroup = {
  groupId: "g-1",
  name: "Before",
  version: 5,
  members: [member("ann", true), member("bob"), member("me")],
  invite: "g-1.code",
};

const afterEvent = (event: Omit<GroupEvent, "version"> & { version?: number }, known = GROUP) =>
  withEvent(known, { event: { version: known.version + 1, ...event }, by: BY }, ME);

describe("an event of a group", () => {
  it.each([
    [{ event: "renamed", name: "After", before: "Before" }, { name: "After" }],
    [
      { event: "added", member: person("bea") },
      { members: [member("ann", true), member("bea"), member("bob"), member("me")] },
    ],
    [
      { event: "added", member: person("cat"), admin: true },
      { members: [member("ann", true), member("bob"), member("cat", true), member("me")] },
    ],
    [
      { event: "joined", member: person("cat") },
      { members: [member("ann", true), member("bob"), member("cat"), member("me")] },
    ],
    [
      { event: "left", member: person("bob") },
      { members: [member("ann", true), member("me")], former: ["bob-name"] },
    ],
    [
      { event: "left", member: person("ann"), newAdmin: person("bob") },
      { members: [member("bob", true), member("me")], former: ["ann-name"] },
    ],
    [
      { event: "admin", member: person("bob"), admin: true },
      { members: [member("ann", true), member("bob", true), member("me")] },
    ],
    [
      { event: "admin", member: person("ann"), admin: false },
      { members: [member("ann"), member("bob"), member("me")] },
    ],
  ])("%j is applied", (event, changes) => {
    expect(afterEvent(event)).toEqual({ ...GROUP, version: 6, ...changes });
  });

  it("that removes a member makes the invite link void", () => {
    const { invite: _, ...rest } = GROUP;
    const members = [member("ann", true), member("me")];
    const after = afterEvent({ event: "removed", member: person("bob") });
    expect(after).toEqual({ ...rest, version: 6, members, former: ["bob-name"] });
  });

  it("keeps the names of all who were members, also if the server tells that they are not any more, each once", () => {
    const known = { ...GROUP, former: ["dan-name", "bob-name"] };
    const left = withEvent(known, { event: { event: "left", member: person("bob"), version: 6 }, by: BY }, ME);
    expect(left).toMatchObject({ former: ["bob-name", "dan-name"] });
    const renamed = withEvent(known, { event: { event: "renamed", name: "After", version: 6 }, by: BY }, ME);
    expect(renamed).toMatchObject({ former: ["dan-name", "bob-name"] });
    const { invite: _, former: __, ...answer } = known;
    const members = answer.members.filter(({ id }) => id !== "ann");
    expect(withAnswer(known, { ...answer, version: 9, members })).toMatchObject({
      former: ["ann-name", "dan-name", "bob-name"],
    });
  });

  it("keeps the names of so many former members, the last to leave before all others", () => {
    const former = Array.from({ length: 200 }, (_, index) => `${index}-name`);
    const after = afterEvent({ event: "left", member: person("bob") }, { ...GROUP, former });
    expect(after).toMatchObject({ former: ["bob-name", ...former.slice(0, 199)] });
    const { invite: _, ...answer } = GROUP;
    const asked = withAnswer(
      { ...GROUP, former },
      { ...answer, version: 9, members: [member("ann", true), member("me")] },
    );
    expect(asked).toMatchObject({ former: ["bob-name", ...former.slice(0, 199)] });
  });

  it("that came late, or twice, changes nothing", () => {
    expect(afterEvent({ event: "renamed", name: "Late", version: 5 })).toBe(GROUP);
    expect(afterEvent({ event: "removed", member: person(ME), version: 4 })).toBe(GROUP);
  });

  it("before which one is missing, or that tells too little, needs the server", () => {
    expect(afterEvent({ event: "renamed", name: "After", version: 7 })).toBe("ask");
    expect(afterEvent({ event: "created", name: "After" })).toBe("ask");
    expect(afterEvent({ event: "split" })).toBe("ask");
    expect(afterEvent({ event: "added" })).toBe("ask");
  });

  it("that puts the user out holds whatever is missing before it, until a later one says otherwise", () => {
    const { invite: _, ...rest } = GROUP;
    const out = { ...rest, version: 9, members: [member("ann", true), member("bob")] };
    const removed = afterEvent({ event: "removed", member: person(ME), version: 9 });
    expect(removed).toEqual({ ...out, gone: { how: "removed", by: "ann-name" } });
    expect(afterEvent({ event: "left", member: person(ME), version: 9 })).toEqual({ ...out, gone: { how: "left" } });
    if (removed === "ask") throw new Error("not applied");
    expect(afterEvent({ event: "added", member: person(ME) }, removed)).toBe("ask");
  });

  it("leads to the same state in any order, with the server's answer where one is missing", () => {
    const events: GroupEvent[] = [
      { version: 6, event: "added", member: person("cat") },
      { version: 7, event: "renamed", name: "After", before: "Before" },
      { version: 8, event: "left", member: person("bob") },
      { version: 9, event: "admin", member: person("cat"), admin: true },
    ];
    const inOrder = events.reduce<KnownGroup>((known, event) => {
      const next = withEvent(known, { event, by: BY }, ME);
      if (next === "ask") throw new Error("not applied");
      return next;
    }, GROUP);
    const { invite: _, ...answer } = inOrder;
    fc.assert(
      fc.property(fc.shuffledSubarray([...events, ...events], { minLength: 8 }), (shuffled) => {
        const end = shuffled.reduce<KnownGroup>((known, event) => {
          const next = withEvent(known, { event, by: BY }, ME);
          return next === "ask" ? withAnswer(known, answer) : next;
        }, GROUP);
        expect({ ...end, invite: "" }).toEqual({ ...inOrder, invite: "" });
      }),
    );
  });
});

describe("the server's answer", () => {
  const { invite: _, ...plain } = GROUP;

  it("counts if its version is the later one, and keeps the invite link unless somebody is missing", () => {
    const later = { ...plain, version: 8, name: "After", members: [...GROUP.members, member("zoe")] };
    expect(withAnswer(undefined, later)).toEqual(later);
    expect(withAnswer(GROUP, later)).toEqual({ ...later, invite: GROUP.invite });
    expect(withAnswer(GROUP, { ...plain, version: 8, members: [member("ann", true)] })).not.toHaveProperty("invite");
    expect(withAnswer(GROUP, { ...plain, version: 4, name: "Old" })).toBe(GROUP);
    expect(withAnswer(GROUP, plain)).toBe(GROUP);
  });

  it("does not bring the user back at the version at which they were put out, but at a later one", () => {
    const out: KnownGroup = { ...plain, gone: { how: "removed", by: "ann-name" } };
    expect(withAnswer(out, plain)).toBe(out);
    expect(withAnswer(out, { ...plain, version: 6 })).toEqual({ ...plain, version: 6 });
    expect(withAnswer({ ...plain, gone: { how: "unknown" } }, plain)).toEqual(plain);
  });
});
