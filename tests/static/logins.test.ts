import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { deleteLogins, openLoginId, rememberedLogin, rememberLogin } from "../../static/src/chat/logins.ts";
import { session } from "../support/client-servers.ts";
import { type LocalStorage, stubLocalStorage } from "../support/page/local-storage.ts";

const LAPTOP = { ...session, deviceId: "laptop" };

let storage: LocalStorage;
beforeEach(() => {
  storage = stubLocalStorage();
});
afterEach(() => {
  deleteLogins("alice");
  deleteLogins("bob");
  vi.unstubAllGlobals();
});

describe.each([
  ["a browser that stores", false],
  ["a browser that stores nothing", true],
])("in %s", (_, isBlocked) => {
  beforeEach(() => {
    storage.isBlocked = isBlocked;
  });

  it("the next login of a user goes on as the device of the last one, by its token", () => {
    expect(rememberedLogin("alice")).toEqual({ earlierToken: undefined, deviceId: undefined });
    rememberLogin(LAPTOP);
    expect(rememberedLogin("alice")).toEqual({ earlierToken: "token-1", deviceId: "laptop" });
    expect(rememberedLogin("ALICE")).toEqual(rememberedLogin("alice"));
    expect(rememberedLogin("bob")).toEqual({ earlierToken: undefined, deviceId: undefined });
  });

  it.each(["shared", undefined])("a login on the shared device (%s) leaves this browser its own device", (deviceId) => {
    rememberLogin(LAPTOP);
    rememberLogin({ ...LAPTOP, token: "token-2", deviceId });
    expect(rememberedLogin("alice")).toEqual({ earlierToken: "token-2", deviceId: "laptop" });
  });

  it("every attempt of a login has one id until one is answered, and the next login has another", () => {
    const id = openLoginId("alice");
    expect(id).toMatch(/^[\w-]{16,}$/);
    expect(openLoginId("Alice")).toBe(id);
    expect(openLoginId("bob")).not.toBe(id);
    rememberLogin(LAPTOP);
    expect(openLoginId("alice")).not.toBe(id);
  });

  it("nothing is left of a user who is forgotten, and all of the others", () => {
    const ids = ["alice", "bob"].map(openLoginId);
    const [, bobs] = ids;
    rememberLogin(LAPTOP);
    const open = openLoginId("alice");
    deleteLogins("Alice");
    expect(rememberedLogin("alice")).toEqual({ earlierToken: undefined, deviceId: undefined });
    expect(openLoginId("alice")).not.toBe(open);
    expect(openLoginId("bob")).toBe(bobs);
  });
});

it("a page that is loaded anew knows what was stored", () => {
  rememberLogin(LAPTOP);
  const id = openLoginId("alice");
  expect([...storage.entries].sort()).toEqual([
    ["gotalk.device.alice", "token-1"],
    ["gotalk.deviceId.alice", "laptop"],
    ["gotalk.loginId.alice", id],
  ]);
});

it("site data that the person has cleared are not brought back", () => {
  rememberLogin(LAPTOP);
  storage.entries.clear();
  expect(rememberedLogin("alice")).toEqual({ earlierToken: undefined, deviceId: undefined });
});
