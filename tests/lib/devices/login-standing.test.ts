import { describe, expect, it } from "vitest";
import { standingOf } from "../../../lib/devices/login-standing.ts";
import { device, mapOf, shared } from "../../support/example-devices.ts";

describe("the second look, once the session is stored", () => {
  const phone = device("phone", 5, { login: "L", session: "S" });

  it("finds the device still the login's", () => {
    expect(standingOf(mapOf(device("a", 9), phone), phone)).toBe("ours");
    expect(standingOf(mapOf(shared(9)), shared(9))).toBe("ours");
  });

  it("finds a repeat of the login", () => {
    expect(standingOf(mapOf({ ...phone, session: "S2" }), phone)).toBe("repeated");
  });

  it.each([
    ["is gone", mapOf(device("a", 9))],
    ["has to leave", mapOf({ ...phone, ending: true as const })],
    ["is of another login", mapOf({ ...phone, login: "M", session: "S2" })],
    ["was taken by another login, under another id", mapOf({ ...phone, id: "other" })],
  ])("finds that it %s", (_, map) => {
    expect(standingOf(map, phone)).toBe("lost");
  });

  it("finds that there is another shared device by now, which has the same id", () => {
    expect(standingOf(mapOf({ ...shared(10), channel: "another" }), shared(9))).toBe("lost");
  });

  it("finds that the shared device became a personal one", () => {
    expect(standingOf(mapOf({ ...shared(9), shared: undefined, login: "L" }), shared(9))).toBe("lost");
  });
});
