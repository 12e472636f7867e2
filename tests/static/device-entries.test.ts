import { expect, it } from "vitest";
import type { ListedDevice, ListedSession } from "../../lib/client/index.ts";
import { dateAndTime } from "../../static/src/text/times.ts";
import { entriesOf } from "../../static/src/view/dialogs/deviceEntries.ts";

const device = (deviceId: string, more: Partial<ListedDevice> = {}): ListedDevice => ({
  deviceId,
  name: deviceId,
  userAgent: "",
  lastSeen: "2026-03-12",
  current: false,
  shared: false,
  ...more,
});
const session = (sessionId: string, deviceId: string | undefined, current = false): ListedSession => ({
  sessionId,
  createdAt: "2026-03-12T10:00:00.000Z",
  expiresAt: "2026-04-11T10:00:00.000Z",
  userAgent: sessionId,
  current,
  ...(deviceId !== undefined && { deviceId }),
});

const linesOf = (...lists: Parameters<typeof entriesOf>): unknown[] =>
  entriesOf(...lists).map(({ kind, id, isCurrent }) => [kind, id, isCurrent]);

it("a device of its own is one line, and the logins of the shared device stand below it", () => {
  const devices = [device("shared", { shared: true }), device("laptop", { current: true }), device("phone")];
  const sessions = [
    session("a", "laptop", true),
    session("b", "shared"),
    session("c", "phone"),
    session("d", undefined),
  ];
  expect(linesOf(devices, sessions)).toEqual([
    ["device", "laptop", true],
    ["device", "phone", false],
    ["device", "shared", false],
    ["login", "b", false],
    ["login", "d", false],
  ]);
});

it("a page that is on the shared device is one of its logins, and cannot remove itself by accident", () => {
  const devices = [device("shared", { shared: true, current: true })];
  expect(linesOf(devices, [session("a", "shared", true)])).toEqual([
    ["device", "shared", false],
    ["login", "a", true],
  ]);
});

it("a server that knows no devices has sessions alone", () => {
  expect(linesOf([], [session("a", undefined, true), session("b", undefined)])).toEqual([
    ["login", "a", true],
    ["login", "b", false],
  ]);
});

it("two devices of one name are told apart by their first logins", () => {
  const devices = [device("one", { name: "Chrome on Linux" }), device("two", { name: "Chrome on Linux" })];
  const times = ["2026-03-11T09:00:00.000Z", "2026-03-10T08:00:00.000Z", "2026-03-12T10:00:00.000Z"] as const;
  const sessions = [
    { ...session("a", "two"), createdAt: times[0] },
    { ...session("b", "two"), createdAt: times[1] },
    { ...session("c", "one"), createdAt: times[2] },
  ];
  expect(entriesOf(devices, sessions).map(({ seen }) => seen)).toEqual(
    [times[2], times[1]].map((time) => `Last seen: Mar 12, 2026. Logged in ${dateAndTime(time)}`),
  );
});

it("a line names a device and says when it was used", () => {
  const lines = entriesOf([device("laptop", { lastSeen: "2020-01-02" })], [session("curl/8", undefined)]);
  expect(lines.map(({ name, seen }) => [name, seen])).toEqual([
    ["laptop", "Last seen: Jan 2, 2020"],
    ["curl/8", `Logged in ${dateAndTime("2026-03-12T10:00:00.000Z")}`],
  ]);
});
