import { readFileSync, writeFileSync } from "node:fs";
import { parse } from "yaml";
import { answerBytes } from "../../lib/answer-bytes.ts";
import { LIMITS } from "../../lib/limits.ts";
import type { Rate } from "../../lib/rate.ts";
import { ASSUMED, add, cost, GB, invocation, type Quantities, times } from "./price-list.ts";

/*
 *   node tests/bench/abuse.ts     writes the README's table of what an attacker can cost
 *
 * Everything is as dear as it can be made: requests come through CloudFront, as fast as API Gateway lets them.
 */

const README = new URL("../../README.md", import.meta.url);
const TABLE = /(?<=<!-- made by tests\/bench\/abuse\.ts -->\n).*?(?=<!-- until here -->)/s;

const HOUR = 3_600;
/** HTTP APIs are billed for each 512 KB. */
const GATEWAY_BYTES = 512 * 1_024;
/** DynamoDB ends a page there. */
const PAGE_BYTES = 2 ** 20;
/** A strongly consistent read of 4 KB is one unit. */
const READ_UNIT_BYTES = 4_096;

/** Rounded up from what `npm run bench` measures, in milliseconds of a whole processor. */
const PROCESSOR_MS = { refusal: 1, sync: 3, hash: 100 };

/** A problem, or an answer without messages. */
const SMALL_ANSWER_BYTES = 300;

/** The session, looked at twice. */
const SESSION_UNITS = 1.5;

/** A login with a wrong password: both counts of failures begin, the address and the credentials are read. */
const LOGIN_UNITS = { writeUnit: 2, readUnit: 1.5 };

/** What a function handles at once is 1: a flood of logins keeps as many busy as hash at the same time. */
const functionsOf = (perSecond: number): number => Math.ceil((perSecond * PROCESSOR_MS.hash) / 1_000);

/** Content alone was counted before, 400,000 bytes of it. */
const UNBOUNDED_CONTENT = 400_000;

interface Throttling {
  readonly ThrottlingRateLimit: number;
}

/** What API Gateway lets in, a second. */
function gateway(): { readonly anyRoute: number; readonly login: number } {
  const text = readFileSync(new URL("../../deploy/apis.yml", import.meta.url), "utf8");
  const { DefaultRouteSettings, RouteSettings } = parse(text).extensions.HttpApiStage.Properties as {
    DefaultRouteSettings: Throttling;
    RouteSettings: Record<string, Throttling>;
  };
  const anyRoute = DefaultRouteSettings.ThrottlingRateLimit;
  return { anyRoute, login: RouteSettings["POST /login"]?.ThrottlingRateLimit ?? anyRoute };
}

interface Attack {
  readonly what: string;
  /** Requests a second that API Gateway lets in. */
  readonly perSecond: number;
  /** Dollars in an hour without goTalk's bounds, and with them. */
  readonly without: number;
  readonly bounded: number;
}

/** One request that asks the database twice, one after the other. */
const request = (name: string, processorMs: number, answer: number, stored: Quantities): Quantities =>
  add(outside(answer), invocation(name, processorMs, 2 * ASSUMED.roundTripMs), stored);

/** One that is refused at once: nothing is read for it. */
const refused = (name: string): Quantities =>
  add(outside(SMALL_ANSWER_BYTES), invocation(name, PROCESSOR_MS.refusal, 0));

/** What an answer costs outside its function. */
function outside(answer: number): Quantities {
  const bytes = answer + ASSUMED.headerBytes;
  return {
    edgeRequest: 1,
    httpRequest: Math.ceil(bytes / GATEWAY_BYTES),
    trafficGb: bytes / GB,
    logGb: ASSUMED.accessLogBytes / GB,
  };
}

/** How many an hour lets through, the burst included. */
const allowed = ({ burst, perSecond }: Rate, weight = 1): number => (burst + HOUR * perSecond) / weight;

export function attacks(): Attack[] {
  const { anyRoute, login } = gateway();
  const flood = anyRoute * HOUR;
  const refusal = refused("sync");
  const junk = cost(times(flood, refusal));

  // The longest messages, all of control characters, on a channel that is full of them.
  const longest = answerBytes({
    senderName: "n".repeat(LIMITS.username.maxCharacters),
    content: "\u0001".repeat(LIMITS.contentBytes),
  });
  const unboundedBatch = Math.floor(UNBOUNDED_CONTENT / LIMITS.contentBytes) * longest;
  const page = { readUnit: PAGE_BYTES / READ_UNIT_BYTES + SESSION_UNITS };
  const weight = PAGE_BYTES / LIMITS.syncBytes;
  const pages = allowed(LIMITS.sync, weight);
  const replays = allowed(LIMITS.replay);
  const replay = (bytes: number) => request("sync", PROCESSOR_MS.sync, bytes, page);
  const held = request("sync", PROCESSOR_MS.sync, SMALL_ANSWER_BYTES, page);
  const without = (one: Quantities) => cost(times(flood, one));

  const logins = login * HOUR;
  const hash = request("accounts", PROCESSOR_MS.hash, SMALL_ANSWER_BYTES, LOGIN_UNITS);
  const { burst, perSecond, hash: tokens } = LIMITS.address;
  const hashes = functionsOf(login) * allowed({ burst: burst / tokens, perSecond: perSecond / tokens });
  const mixed = (...parts: readonly [number, Quantities][]) =>
    cost(add(...parts.map(([count, one]) => times(count, one))));

  return [
    {
      what: "an account asks again and again for a batch that it missed",
      perSecond: anyRoute,
      without: without(replay(unboundedBatch)),
      bounded: mixed([replays, replay(LIMITS.batchBytes)], [pages - replays, held], [flood - pages, refusal]),
    },
    {
      what: "an account asks for a batch that another of its clients holds",
      perSecond: anyRoute,
      without: without(held),
      bounded: mixed([pages, held], [flood - pages, refusal]),
    },
    {
      what: "logins with wrong passwords from one address",
      perSecond: login,
      without: cost(times(logins, hash)),
      bounded: mixed([hashes, hash], [logins - hashes, refused("accounts")]),
    },
    {
      what: "invalid tokens, or anything else that is refused at once",
      perSecond: anyRoute,
      without: junk,
      bounded: junk,
    },
  ];
}

const dollars = (amount: number): string => (amount >= 100 ? amount.toFixed(0) : amount.toFixed(2));

/** The table as it has to be in the README. */
export function abuseTable(): string {
  const rows = attacks().map(
    ({ what, perSecond, without, bounded }) => `| ${what} | ${perSecond} | ${dollars(without)} | ${dollars(bounded)} |`,
  );
  const head = "| US dollars in an hour | requests a second | without the bounds | with them |";
  return [head, "| --- | --- | --- | --- |", ...rows, ""].join("\n");
}

/** The table that is there. */
export const presentAbuseTable = (): string => TABLE.exec(readFileSync(README, "utf8"))?.[0] ?? "";

if (import.meta.main) {
  writeFileSync(README, readFileSync(README, "utf8").replace(TABLE, abuseTable()));
}
