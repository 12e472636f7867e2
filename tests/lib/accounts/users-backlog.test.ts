import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Users } from "../../../lib/accounts/users.ts";
import { type Profile, Profiles } from "../../../lib/channel/profiles.ts";
import { engines, type TestEngine } from "../../support/engines.ts";
import { newUsername } from "../../support/logins.ts";

const NOW = Date.UTC(2026, 2, 1, 12);

describe.each(engines)("A user's backlog ($name)", ({ start }) => {
  let engine: TestEngine;
  let users: Users;
  let profiles: Profiles;
  let fresh: Profile;

  beforeAll(async () => {
    engine = await start();
    users = new Users(engine.accounts, () => NOW);
    profiles = new Profiles(engine.accounts);
  });
  afterAll(() => engine?.stop());
  beforeEach(async () => {
    const { id } = await users.create(newUsername(), "a hash");
    fresh = (await profiles.find(id)) as Profile;
  });

  const note = (seen: Profile, backlog: number, countedAt: number) =>
    profiles.storeBacklog(seen, { ...seen, backlog, countedAt });

  it("is nothing that was never counted", () => {
    expect(fresh).toMatchObject({ backlog: 0, countedAt: 0 });
  });

  it("is what was counted last, and when", async () => {
    expect(await note(fresh, 7, NOW)).toBe(true);
    const first = (await profiles.find(fresh.id)) as Profile;
    expect(first).toMatchObject({ backlog: 7, countedAt: NOW });
    expect(await note(first, 3, NOW + 1)).toBe(true);
    expect(await profiles.find(fresh.id)).toMatchObject({ backlog: 3, countedAt: NOW + 1 });
  });

  it("is noted by one of those that have seen the same", async () => {
    expect(await note(fresh, 7, NOW)).toBe(true);
    expect(await note(fresh, 8, NOW)).toBe(false);
    const first = (await profiles.find(fresh.id)) as Profile;
    expect(await note(first, 3, NOW + 1)).toBe(true);
    expect(await note(first, 4, NOW + 1)).toBe(false);
    expect(await profiles.find(fresh.id)).toMatchObject({ backlog: 3 });
  });

  it("is not noted of a user who does not exist", async () => {
    const nobody = { ...fresh, id: crypto.randomUUID() };
    expect(await note(nobody, 7, NOW)).toBe(false);
    expect(await note({ ...nobody, countedAt: NOW }, 7, NOW)).toBe(false);
    expect(await profiles.find(nobody.id)).toBeUndefined();
  });
});
