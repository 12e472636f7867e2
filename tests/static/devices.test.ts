import { afterEach, describe, expect, it, vi } from "vitest";
import { deviceOf, lastSeen, nameInSentence, nameOfDevice, ownDeviceName } from "../../static/src/text/devices.ts";
import { listed } from "../../static/src/text/listed.ts";
import { utcDayName } from "../../static/src/text/times.ts";

const FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const SAFARI =
  "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15";

const nameOf = (userAgent: string, maxTouchPoints = 0): string =>
  ownDeviceName({ userAgent, maxTouchPoints } as Navigator);

describe("the name of a device", () => {
  it("is the browser and the system, and an iPad is no Mac", () => {
    expect([nameOf(FIREFOX), nameOf(SAFARI), nameOf(SAFARI, 5), nameOf(FIREFOX, 5)]).toEqual([
      "Firefox on Linux",
      "Safari on Mac",
      "Safari on iPad",
      "Firefox on Linux",
    ]);
    // The screen of an iPad feels several fingers.
    expect(nameOf(SAFARI, 1)).toBe("Safari on Mac");
  });

  it.each([
    [
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0",
      "Edge on Windows",
    ],
    [
      "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36 EdgA/140.0",
      "Edge on Android",
    ],
    ["Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 OPR/120.0", "Opera on Linux"],
    [
      "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 SamsungBrowser/28.0 Chrome/130.0 Mobile Safari/537.36",
      "Samsung Internet on Android",
    ],
    ["Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36", "Chrome on ChromeOS"],
    [
      "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 CriOS/140.0 Mobile/15E148 Safari/604.1",
      "Chrome on iPhone",
    ],
    [
      "Mozilla/5.0 (iPad; CPU OS 15_7 like Mac OS X) AppleWebKit/605.1.15 FxiOS/140.0 Mobile/15E148 Safari/605.1.15",
      "Firefox on iPad",
    ],
    ["Mozilla/5.0 (OpenBSD amd64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox"],
    ["curl/8.5.0 (linux)", "curl/8.5.0"],
    ["gotalk", "gotalk"],
  ])("of %s is %s", (userAgent, name) => expect(deviceOf(userAgent)).toBe(name));

  it("is the one that its login gave it, or else what the program calls itself", () => {
    expect(nameOfDevice({ name: "Laptop", userAgent: FIREFOX, shared: false })).toBe("Laptop");
    expect(nameOfDevice({ name: "", userAgent: FIREFOX, shared: false })).toBe("Firefox on Linux");
    expect(nameOfDevice({ name: "", userAgent: FIREFOX, shared: true })).toBe("Programs without a name");
    expect(nameOfDevice({ name: "", userAgent: "", shared: false })).toBe("Unknown client");
  });

  it("is in lower case inside a sentence, where it is no name", () => {
    expect(nameInSentence({ name: "Laptop", userAgent: "", shared: false })).toBe("Laptop");
    expect(nameInSentence({ name: "", userAgent: FIREFOX, shared: false })).toBe("Firefox on Linux");
    expect(nameInSentence({ name: "", userAgent: FIREFOX, shared: true })).toBe("programs without a name");
    expect(nameInSentence({ name: "", userAgent: "", shared: false })).toBe("an unknown client");
  });

  it.each([
    [["A"], "A"],
    [["A", "B", "A"], "A and B"],
    [["A", "B", "C"], "A, B and C"],
    [["A", "B", "C", "D"], "A, B, C and another device"],
    [["A", "B", "C", "D", "E"], "A, B, C and 2 others"],
  ])("%j are listed as %s", (names, text) => expect(listed(names)).toBe(text));
});

describe("the day on which a device was seen", () => {
  afterEach(() => void vi.useRealTimers());

  it.each([
    ["2026-03-12", "today"],
    ["2026-03-11", "yesterday"],
    ["2026-03-01", "Mar 1, 2026"],
    // A server whose clock is ahead.
    ["2026-03-13", "today"],
    ["not a day", "not a day"],
  ])("%s is %s", (day, name) => {
    vi.useFakeTimers({ now: Date.UTC(2026, 2, 12, 23, 59) });
    expect(utcDayName(day)).toBe(name);
    expect(lastSeen({ lastSeen: day })).toBe(`Last seen: ${name}`);
  });
});
