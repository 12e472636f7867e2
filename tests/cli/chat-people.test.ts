import { describe, expect, it, vi } from "vitest";
import { ChatPeople } from "../../cli/chat-people.ts";
import { groupEvent, text, toGroup } from "../support/messages.ts";
import { settle } from "../support/virtual-time.ts";

const GROUP = { id: "g-1", name: "Team", isGroup: true };
const person = (id: string) => ({ id, username: `${id}'s name` });
const roll = (version: number, ...ids: string[]) => ({ version, members: ids.map(person) });
const never = () => expect.fail("asks for the group");
const team = (...ids: string[]) => new ChatPeople(GROUP, roll(5, ...ids), never);
const inTeam = (senderId: string, isTyping = true) => ({ senderId, toId: GROUP.id, isTyping });

describe("the people of a chat", () => {
  it("are those of the group, as its later events say", () => {
    const people = team("anna", "bert");
    const hear = (version: number, event: string, id: string, group = GROUP.id) =>
      people.hear(groupEvent("1", "anna", group, { version, event, member: person(id) }));
    hear(5, "removed", "bert");
    hear(6, "added", "carl", "g-2");
    people.hear(text("1", "anna"));
    // A person can write what an event says.
    const written = JSON.stringify({ version: 6, event: "removed", member: person("bert") });
    people.hear(text("1", "anna", { ...toGroup(GROUP.id), content: written }));
    expect(people.count).toBe(2);
    hear(6, "added", "carl");
    hear(7, "joined", "dora");
    expect(people.count).toBe(4);
    hear(8, "removed", "bert");
    hear(9, "left", "carl");
    hear(7, "joined", "carl");
    hear(10, "admin", "dora");
    expect(people.count).toBe(2);
  });

  const told = (people: ChatPeople, version: number, event: string, id?: string) =>
    people.hear(groupEvent("1", "anna", GROUP.id, { version, event, ...(id !== undefined && { member: person(id) }) }));

  it("are the same in whatever order the events come, and those of the group now if one is missing", async () => {
    const answers: ((members: ReturnType<typeof roll>) => void)[] = [];
    const people = new ChatPeople(GROUP, roll(5, "anna"), () => new Promise((resolve) => void answers.push(resolve)));
    told(people, 5, "removed", "anna");
    told(people, 6, "renamed");
    told(people, 7, "added", "bert");
    expect([people.count, answers.length]).toEqual([2, 0]);
    told(people, 9, "removed", "carl");
    told(people, 10, "joined", "dora");
    expect(answers).toHaveLength(1);
    told(people, 8, "added", "carl");
    expect(people.count).toBe(3);
    // An answer from before the last events.
    answers[0]?.(roll(8, "anna", "bert", "carl"));
    await settle();
    expect(people.typing(inTeam("dora"))).toBe("dora's name is typing ...");
    people.typing(inTeam("dora", false));
    told(people, 12, "added", "fred");
    expect(answers).toHaveLength(2);
    told(people, 13, "left", "bert");
    answers[1]?.(roll(12, "anna", "bert", "dora", "erik", "fred"));
    await settle();
    expect(people.count).toBe(4);
    expect(people.typing(inTeam("erik"))).toBe("erik's name is typing ...");
    told(people, 11, "added", "erik");
    told(people, 14, "removed", "erik");
    expect([people.count, answers.length]).toEqual([3, 2]);
  });

  it("are the same after an event that names nobody, or that this version does not know", () => {
    const people = team("anna", "bert");
    told(people, 6, "added");
    told(people, 7, "of a later version", "carl");
    told(people, 8, "joined", "dora");
    expect(people.count).toBe(3);
  });

  it("are asked for again by the next event if the group could not be asked", async () => {
    const ask = vi
      .fn()
      .mockRejectedValueOnce(new Error("out of reach"))
      .mockResolvedValue(roll(8, "anna", "bert"));
    const people = new ChatPeople(GROUP, roll(5, "anna"), ask);
    told(people, 7, "added", "bert");
    await settle();
    expect(people.count).toBe(1);
    told(people, 8, "renamed");
    await settle();
    expect([people.count, ask.mock.calls.length]).toEqual([2, 2]);
  });

  it("are named while they type there", () => {
    const people = team("anna", "bert", "carl");
    expect(people.typing(inTeam("anna"))).toBe("anna's name is typing ...");
    expect(people.typing(inTeam("bert"))).toBe("anna's name and bert's name are typing ...");
    expect(people.typing(inTeam("carl"))).toBe("anna's name, bert's name and carl's name are typing ...");
    expect(people.typing(inTeam("dora"))).toBe("4 people are typing ...");
    for (const id of ["anna", "bert", "carl"]) people.typing(inTeam(id, false));
    expect(people.typing(inTeam("bert", false))).toBe("somebody is typing ...");
    expect(people.typing(inTeam("dora", false))).toBe("");
  });

  it("do not type elsewhere", () => {
    const people = team("anna");
    expect(people.typing({ senderId: "anna", isTyping: true })).toBe("");
    expect(people.typing({ ...inTeam("anna"), toId: "g-2" })).toBe("");
    const one = new ChatPeople({ id: "anna", name: "anna", isGroup: false }, roll(0, "anna"), never);
    expect(one.typing(inTeam("anna"))).toBe("");
    expect(one.typing({ senderId: "bert", isTyping: true })).toBe("");
    expect(one.typing({ senderId: "anna", isTyping: true })).toBe("anna's name is typing ...");
  });
});
