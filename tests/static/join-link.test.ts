import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  followLinks,
  groupOf,
  historyCode,
  historyOwner,
  invitation,
  linkTo,
  putAside,
} from "../../static/src/chat/joinLink.ts";

/** What the browser keeps for this tab. */
let stored: Map<string, string>;
/** The entries of the history that were replaced. */
let replaced: unknown[][];
let page: EventTarget;

/** Goes to an address with this behind its `#`. */
const go = (fields: Readonly<Record<string, string>>) =>
  vi.stubGlobal("location", {
    hash: Object.keys(fields).length === 0 ? "" : `#${new URLSearchParams(fields)}`,
    ...{ origin: "https://chat.example.com", pathname: "/talk/" },
  });

/** Follows a link, as a page does when it is opened. */
function follow(fields: Readonly<Record<string, string>>) {
  go(fields);
  followLinks();
  return invitation.value;
}

beforeEach(() => {
  stored = new Map();
  replaced = [];
  page = new EventTarget();
  vi.stubGlobal("sessionStorage", {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => stored.set(key, value),
    removeItem: (key: string) => stored.delete(key),
  });
  vi.stubGlobal("history", { replaceState: (...entry: unknown[]) => replaced.push(entry) });
  vi.stubGlobal("addEventListener", page.addEventListener.bind(page));
});
afterEach(() => {
  putAside("join");
  putAside("history");
  vi.unstubAllGlobals();
});

describe("an invite link", () => {
  it.each(["Tea & Co", "א".repeat(64), "😀".repeat(64), "\u200fTea"])("gives the group the name %j", (name) => {
    expect(follow({ join: "g-1.code", name })).toEqual({ code: "g-1.code", name });
  });

  it.each(["x".repeat(65), "\u202egpj.exe", "\u2066Tea", "Tea\n\nYour account is closed", "\u200b"])(
    "is followed without a name that no group can have: %j",
    (name) => {
      expect(follow({ join: "g-1.code", name })).toEqual({ code: "g-1.code", name: "" });
    },
  );

  it("without a code is none", () => {
    expect(follow({ name: "Tea" })).toBeUndefined();
  });

  it("without a name gives none", () => {
    expect(follow({ join: "g-1.code" })).toEqual({ code: "g-1.code", name: "" });
  });

  it("is what the page makes for a group, and names its group", () => {
    go({});
    const link = linkTo({ code: "g-1.code", name: "Tea & Co" });
    expect(link).toBe("https://chat.example.com/talk/#join=g-1.code&name=Tea+%26+Co");
    expect(follow(Object.fromEntries(new URLSearchParams(new URL(link).hash.slice(1))))).toEqual({
      code: "g-1.code",
      name: "Tea & Co",
    });
    expect([groupOf({ code: "g-1.code", name: "" }), groupOf({ code: "", name: "" })]).toEqual(["g-1", ""]);
  });

  it("leaves no code in the address", () => {
    follow({ join: "g-1.code" });
    expect(replaced).toEqual([[null, "", "/talk/"]]);
    follow({ other: "value" });
    expect(replaced).toHaveLength(1);
  });

  it("is found where an earlier version of the page has left it", () => {
    stored.set("gotalk.join", "join=g-1.code&name=Tea");
    expect(follow({})).toEqual({ code: "g-1.code", name: "Tea" });
  });

  it("outlives a reload until it is put aside", () => {
    follow({ join: "g-1.code", name: "Tea" });
    expect(follow({})).toEqual({ code: "g-1.code", name: "Tea" });
    expect(follow({ join: "g-2.code" })).toEqual({ code: "g-2.code", name: "" });
    putAside("join");
    expect([invitation.value, stored.size]).toEqual([undefined, 0]);
    expect(follow({})).toBeUndefined();
  });

  it("is taken when it is followed later, and by a browser that stores nothing", () => {
    expect(follow({})).toBeUndefined();
    const fail = () => {
      throw new DOMException("refused", "SecurityError");
    };
    vi.stubGlobal("sessionStorage", { getItem: fail, setItem: fail, removeItem: fail });
    go({ join: "g-1.code" });
    page.dispatchEvent(new Event("popstate"));
    expect(invitation.value).toEqual({ code: "g-1.code", name: "" });
    expect(follow({})).toBeUndefined();
    expect(() => putAside("join")).not.toThrow();
  });
});

describe("a link to another device's history", () => {
  it("gives the code, leaves none in the address, and outlives a reload until it is put aside", () => {
    expect(follow({ history: "7K3QM" })).toBeUndefined();
    expect([historyCode.value, replaced]).toEqual(["7K3QM", [[null, "", "/talk/"]]]);
    follow({});
    expect(historyCode.value).toBe("7K3QM");
    putAside("history");
    expect([historyCode.value, stored.size]).toEqual([undefined, 0]);
    follow({});
    expect(historyCode.value).toBeUndefined();
  });

  it("says whose history it is, unless an earlier version of the page has made it", () => {
    follow({ history: "7K3QM", user: "alice" });
    expect(historyOwner.value).toBe("alice");
    follow({ history: "7K3QM" });
    expect(historyOwner.value || undefined).toBeUndefined();
    follow({ history: "7K3QM", user: "bob" });
    putAside("history");
    expect([historyOwner.value, stored.size]).toEqual([undefined, 0]);
  });

  it("leaves an invitation that is open, as an invitation leaves it", () => {
    follow({ join: "g-1.code", name: "Tea" });
    const both = [{ code: "g-1.code", name: "Tea" }, "7K3QM"];
    expect([follow({ history: "7K3QM" }), historyCode.value]).toEqual(both);
    putAside("history");
    expect([follow({}), historyCode.value]).toEqual([both[0], undefined]);
    follow({ history: "7K3QM" });
    putAside("join");
    expect([follow({}), historyCode.value]).toEqual([undefined, "7K3QM"]);
  });

  it("is no conversation whose id says something alike", () => {
    go({});
    vi.stubGlobal("location", { hash: "#my-history=1", origin: "https://chat.example.com", pathname: "/" });
    followLinks();
    expect([historyCode.value, replaced]).toEqual([undefined, []]);
  });
});
