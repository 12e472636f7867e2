import { afterEach, describe, expect, it, vi } from "vitest";
import { adoptOlderSession, loadSession, removeSession, saveSession } from "../../static/src/chat/storedSession.ts";
import { session } from "../support/client-servers.ts";
import { stubLocalStorage } from "../support/page/local-storage.ts";

const NOW = "gotalk.session.2";
const OLDER = "gotalk.session";

afterEach(() => void vi.unstubAllGlobals());

describe("the session of a browser", () => {
  it("is stored until it is removed", () => {
    const { entries } = stubLocalStorage();
    expect(loadSession()).toEqual({});
    saveSession(session);
    expect([...entries.keys()]).toEqual([NOW]);
    expect(loadSession()).toEqual({ value: session });
    removeSession();
    expect(loadSession()).toEqual({});
  });

  it.each(["{", "null", "5", "{}", JSON.stringify({ ...session, token: 5 })])(
    "that is stored as %s is damaged",
    (text) => {
      stubLocalStorage({ [NOW]: text });
      expect(loadSession()).toEqual({ isDamaged: true });
    },
  );

  it.each(Object.keys(session))("is damaged without its %s", (name) => {
    stubLocalStorage({ [NOW]: JSON.stringify({ ...session, [name]: undefined }) });
    expect(loadSession()).toEqual({ isDamaged: true });
  });

  it("is in memory alone where the browser stores nothing", () => {
    const storage = stubLocalStorage({ [NOW]: JSON.stringify(session), [OLDER]: JSON.stringify(session) });
    storage.isBlocked = true;
    expect(loadSession()).toEqual({ isBlocked: true });
    adoptOlderSession();
    saveSession(session);
    removeSession();
    expect(storage.entries.size).toBe(2);
  });
});

describe("the session of an older page", () => {
  const older = { ...session, token: "older" };

  it("is taken over, and the older page finds it no more", () => {
    const { entries } = stubLocalStorage({ [OLDER]: JSON.stringify(older) });
    adoptOlderSession();
    expect(loadSession()).toEqual({ value: older });
    expect([...entries.keys()]).toEqual([NOW]);
  });

  it("takes no other one's place", () => {
    stubLocalStorage({ [OLDER]: JSON.stringify(older), [NOW]: JSON.stringify(session) });
    adoptOlderSession();
    expect(loadSession()).toEqual({ value: session });
  });

  it("is none where there is none", () => {
    const { entries } = stubLocalStorage();
    adoptOlderSession();
    expect(entries.size).toBe(0);
  });

  it("is removed with the other one: it would log somebody in later, without a word", () => {
    const { entries } = stubLocalStorage({ [OLDER]: JSON.stringify(older), [NOW]: JSON.stringify(session) });
    removeSession();
    expect(entries.size).toBe(0);
  });
});
