import { describe, expect, it } from "vitest";
import { defaultDeviceName, deviceLine, GAP, MISSED } from "../../cli/device-text.ts";

describe("the name of a computer as a device", () => {
  it.each([
    ["laptop.example.com", "laptop.example.com"],
    ["Jörgs-MacBook 💻", "Jörgs-MacBook💻"],
    ["a\u0000b\u200bc\n", "abc"],
    ["x".repeat(255), "x".repeat(64)],
    ["💻".repeat(65), "💻".repeat(64)],
    ["", "gotalk"],
    [" \t", "gotalk"],
  ])("of the host %j is one that the server takes: %j", (host, name) => {
    expect(defaultDeviceName(host)).toBe(name);
  });
});

describe("a device as a line", () => {
  const device = {
    deviceId: "d",
    name: "Laptop",
    userAgent: "curl/8",
    lastSeen: "2026-03-12",
    current: false,
    shared: false,
  };

  it.each([
    [{}, "d 2026-03-12 Laptop (curl/8)"],
    [{ current: true }, "d 2026-03-12 * Laptop (curl/8)"],
    [{ userAgent: "" }, "d 2026-03-12 Laptop"],
    [{ name: "" }, "d 2026-03-12 (curl/8)"],
    [
      { deviceId: "shared", name: "", userAgent: "", shared: true },
      "shared 2026-03-12 shared by all logins without a device of their own",
    ],
  ])("with %j is %j", (more, line) => {
    expect(deviceLine({ ...device, ...more })).toBe(line);
  });
});

describe("what a terminal says of messages that may be missing", () => {
  it("names the cause", () => {
    expect(GAP).toMatch(/earlier device .* no longer exists.* may be missing here/);
    expect(MISSED).toMatch(/^Messages are missing here: .* Your other devices may have them\.$/);
  });
});
