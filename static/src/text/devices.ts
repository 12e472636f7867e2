import { utcDayName } from "./times.ts";

/** The first match counts: each browser also bears the names of browsers after it. */
const BROWSERS = [
  [/\bEdg(e|A|iOS)?\//, "Edge"],
  [/\bOPR\//, "Opera"],
  [/\bSamsungBrowser\//, "Samsung Internet"],
  [/\b(Firefox|FxiOS)\//, "Firefox"],
  [/\b(Chrome|HeadlessChrome|CriOS)\//, "Chrome"],
  [/\bSafari\//, "Safari"],
] as const;

/** The first match counts, too. */
const SYSTEMS = [
  [/\bAndroid\b/, "Android"],
  [/\biP(hone|od)\b/, "iPhone"],
  [/\biPad\b/, "iPad"],
  [/\bWindows\b/, "Windows"],
  [/\bMac OS X\b/, "Mac"],
  [/\bCrOS\b/, "ChromeOS"],
  [/\bLinux\b/, "Linux"],
] as const;

/** Names a client by its User-Agent: `Firefox on Linux`. */
export function deviceOf(userAgent: string): string {
  const browser = BROWSERS.find(([pattern]) => pattern.test(userAgent))?.[1];
  const system = SYSTEMS.find(([pattern]) => pattern.test(userAgent))?.[1];
  if (browser !== undefined) return system === undefined ? browser : `${browser} on ${system}`;
  return userAgent === "" ? "Unknown client" : (userAgent.split(" ")[0] ?? userAgent);
}

interface Named {
  readonly name: string;
  readonly userAgent: string;
  readonly shared: boolean;
}

/** Names a device of the user's: by the name that its login gave it, if there is one. */
export const nameOfDevice = ({ name, shared, userAgent }: Named): string =>
  name || (shared ? "Programs without a name" : deviceOf(userAgent));

/** The same as a part of a sentence. */
export function nameInSentence(device: Named): string {
  const { name, shared, userAgent } = device;
  if (name !== "") return name;
  if (shared) return "programs without a name";
  return userAgent === "" ? "an unknown client" : nameOfDevice(device);
}

/** When a device was used last, in words. */
export const lastSeen = (device: { readonly lastSeen: string }): string => `Last seen: ${utcDayName(device.lastSeen)}`;

/** Names this browser. An iPad calls itself a Mac, which has no touch screen. */
export function ownDeviceName({ userAgent, maxTouchPoints }: Navigator = navigator): string {
  const name = deviceOf(userAgent);
  return maxTouchPoints > 1 ? name.replace(" on Mac", " on iPad") : name;
}
