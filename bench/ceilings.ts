import { readFileSync, writeFileSync } from "node:fs";
import { conversations, day, POLLING, type Syncs, WOKEN } from "./day.ts";
import { ASSUMED } from "./price-list.ts";
import { eachSecondDay } from "./prices.ts";
import { throttles } from "./throttles.ts";

/*
 *   node bench/ceilings.ts     writes the table in docs/api.md of how many users the throttles hold
 *
 * A user of the price model, who is always online, makes so many requests of each route; API Gateway lets in so many of
 * each (deploy/apis.yml).
 */

const DOCUMENT = new URL("../docs/api.md", import.meta.url);
const TABLE = /(?<=<!-- made by bench\/ceilings\.ts -->\n).*?(?=<!-- until here -->)/s;

const SECONDS_PER_DAY = 86_400;
const DAY_MS = 1_000 * SECONDS_PER_DAY;

interface Ceiling {
  readonly what: string;
  /** Of one user, of the route that is used up first, on average. */
  readonly perSecond: number;
  readonly route: string;
  /** Users whose requests are let in if they are spread evenly over the day. */
  readonly users: number;
}

/** @param live Whether the user has a WebSocket open. */
function ceiling(what: string, messages: number, { handingOut, settling, empty }: Syncs, live: boolean): Ceiling {
  const { lifetimeMs, pingMs } = ASSUMED.webSocket;
  const connections = live ? DAY_MS / lifetimeMs : 0;
  const pings = live ? DAY_MS / pingMs : 0;
  const { anyRoute, connect, frame } = throttles();
  const routes = [
    { route: "`POST /send`", perDay: messages, limit: anyRoute },
    { route: "`POST /sync`", perDay: handingOut + settling + empty, limit: anyRoute },
    { route: "frames of WebSockets", perDay: pings + connections, limit: frame },
    { route: "new WebSockets", perDay: connections, limit: connect },
  ];
  const all = routes
    .filter(({ perDay }) => perDay > 0)
    .map(({ route, perDay, limit }) => {
      const perSecond = perDay / SECONDS_PER_DAY;
      return { what, route, perSecond, users: limit / perSecond };
    });
  return all.reduce((least, one) => (one.users < least.users ? one : least));
}

export async function ceilings(): Promise<Ceiling[]> {
  const { perDay, messages, pauseMs } = ASSUMED.conversations;
  const arrivals = conversations(perDay, messages, pauseMs);
  return [
    ceiling("woken by WebSocket", arrivals.length, await day(arrivals, WOKEN), true),
    ceiling("polling adaptively", arrivals.length, await day(arrivals, POLLING), false),
    ceiling("polling each second", arrivals.length, eachSecondDay(arrivals.length), false),
  ];
}

/** Down to two digits: a ceiling is not promised to the last user. */
const rounded = (users: number): string => {
  const digits = 10 ** Math.max(0, Math.floor(Math.log10(users)) - 1);
  return (Math.floor(users / digits) * digits).toLocaleString("en-US");
};

/** The table as it has to be in the document. */
export async function ceilingTable(): Promise<string> {
  const rows = (await ceilings()).map(
    ({ what, users, route, perSecond }) =>
      `| ${what} | ${rounded(users)} | ${route} | ${Number(perSecond.toPrecision(2))} |`,
  );
  const head =
    "| how messages come | users who are always online | the route that is full then | requests a second of each |";
  return [head, "| --- | --- | --- | --- |", ...rows, ""].join("\n");
}

/** The table that is there. */
export const presentCeilingTable = (): string => TABLE.exec(readFileSync(DOCUMENT, "utf8"))?.[0] ?? "";

if (import.meta.main) {
  const table = await ceilingTable();
  writeFileSync(DOCUMENT, readFileSync(DOCUMENT, "utf8").replace(TABLE, table));
}
