import { readFileSync, writeFileSync } from "node:fs";
import { parse } from "yaml";
import { answerBytes } from "../lib/channel/answer-bytes.ts";
import { FILE_BYTES, sealedBytes } from "../lib/contract/files.ts";
import { LIMITS } from "../lib/contract/limits.ts";
import type { Rate } from "../lib/rates/rate.ts";
import { ASSUMED, add, cost, GB, invocation, type Quantities, times } from "./price-list.ts";
import { throttles } from "./throttles.ts";

/*
 *   node bench/attacks.ts     writes the table in docs/costs.md of what an attacker can cost
 *
 * Each attack goes on for an hour, through CloudFront, as fast as API Gateway lets it in (deploy/apis.yml), by one address
 * and at most one account.
 */

const DOCUMENT = new URL("../docs/costs.md", import.meta.url);
const TABLE = /(?<=<!-- made by bench\/attacks\.ts -->\n).*?(?=<!-- until here -->)/s;

const HOUR = 3_600;
const KB = 1_024;
/** HTTP APIs are billed for each 512 KB. */
const GATEWAY_BYTES = 512 * KB;
/** WebSocket APIs are billed for each 32 KB. */
const FRAME_BYTES = 32 * KB;
/** How long API Gateway keeps a WebSocket that says nothing. */
const IDLE_MINUTES = 10;
/** DynamoDB ends a page there. */
const PAGE_BYTES = 2 ** 20;
/** A strongly consistent read of 4 KB is one unit. */
const READ_UNIT_BYTES = 4 * KB;
/** What WAF takes for each request that it looks at, in dollars: https://aws.amazon.com/waf/pricing/ */
const INSPECTION = 0.6e-6;

/** Rounded up from what `npm run bench` measures, in milliseconds of a whole processor. */
const PROCESSOR_MS = { refusal: 1, request: 3, hash: 100 };

/** A problem, or an answer without messages. */
const SMALL_ANSWER_BYTES = 300;

/** The session, looked at twice. */
const SESSION_UNITS = 1.5;

/**
 * A login with a wrong password, at worst: both counts of failures go on, each after a write that found its window begun
 * and is billed as well. The address and the credentials are read.
 */
const LOGIN_UNITS = { writeUnit: 4, readUnit: 1.5 };

/** A message of the largest size, when it is written and when it is deleted: it takes more than 16 KB with its names. */
const LONGEST_UNITS = Math.ceil((LIMITS.contentBytes + 1) / KB);

/** What `send` reads, see docs/costs.md. */
const SEND_READ_UNITS = 4.5;

/** A request of `send` or `sync`: on its part of a processor, and with two calls of the database. */
const REQUEST_MS = 20;
/** A proof over a WebSocket: on less of a processor, and with three calls. */
const PROOF_MS = 36;
/** A frame that says that a user is typing: likewise, with two calls at once, and what tells the other side. */
const TYPING_MS = 30;
/** A frame that proves nothing, in `live`. */
const JUNK_MS = 8;
/** The longest head, when a write of it is refused as well. */
const HEAD_UNITS = 8;
/** What a sync that was beaten waits on average, before it reads again. */
const BACK_OFF_MS = 50;
/** That a connection may send at once. */
const FRAMES = LIMITS.live.frames.burst;

/** A function handles one request at once: a flood keeps as many of them busy as requests are answered at the same time. */
const functionsOf = (perSecond: number, ms: number): number => Math.ceil((perSecond * ms) / 1_000);

/** Content alone was counted before, 400,000 bytes of it. */
const UNBOUNDED_CONTENT = 400_000;

/** What comes out of S3 to one address: a gigabit a second. */
const LINE_BYTES = 1e9 / 8;

/**
 * What S3 lets in of one prefix; the keys of files have none.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance.html
 */
const S3_GETS = 5_500;

const read = (path: string) => parse(readFileSync(new URL(`../${path}`, import.meta.url), "utf8"));

interface FirewallRule {
  readonly Name: "passwords" | "requests";
  readonly Statement: { readonly RateBasedStatement: { readonly Limit: number; readonly EvaluationWindowSec: number } };
}

/** What API Gateway lets in of any route, and what the firewall lets pass of one address on average, a second. */
function rates() {
  const rules: readonly FirewallRule[] = read("deploy/firewall.yml").Resources.WebAcl.Properties.Rules;
  const passing = (name: FirewallRule["Name"]): number => {
    const rate = rules.find(({ Name }) => Name === name)?.Statement.RateBasedStatement;
    if (rate === undefined) throw new Error(`the firewall has no rule ${name}`);
    return rate.Limit / rate.EvaluationWindowSec;
  };
  return {
    ...throttles(),
    passwords: passing("passwords"),
    requests: passing("requests"),
  };
}

interface Attack {
  readonly what: string;
  /** Requests or frames a second that API Gateway lets in. */
  readonly perSecond: number;
  /** Dollars in an hour: without any bound, with those of the functions, and with those and the firewall's. */
  readonly without: number;
  readonly bounded: number;
  readonly guarded: number;
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
const allowed = ({ burst, perSecond }: Rate): number => burst + HOUR * perSecond;

/** The same for a user of whom so many functions answer requests, each of which gives a lease away a minute. */
const allowedByLease = (rate: Rate & { readonly lease: number }, functions: number): number =>
  allowed(rate) + (functions * rate.lease * HOUR * 1_000) / LIMITS.userLimit.leaseTime;

/** A number of requests, of which so many get more than a refusal. */
function mixed(all: number, refusal: Quantities, ...granted: readonly [number, Quantities][]): Quantities {
  let left = all;
  const parts = granted.map(([most, one]) => {
    const count = Math.min(most, left);
    left -= count;
    return times(count, one);
  });
  return add(...parts, times(left, refusal));
}

/** A request that the firewall looks at, of each so many. */
interface Way {
  readonly perSecond: number;
  /** What the firewall lets pass of them. `undefined`: it looks at the WebSocket that opens, and not at the frames. */
  readonly passing: number | undefined;
  /** How many the firewall looks at, of each request or frame. */
  readonly inspected?: number;
}

/** @param bounded What a number of requests in an hour uses with the bounds of the functions, which others have not. */
function attack(
  what: string,
  { perSecond, passing = perSecond, inspected = 1 }: Way,
  open: (requests: number) => Quantities,
  bounded: (requests: number) => Quantities = open,
): Attack {
  const all = perSecond * HOUR;
  return {
    what,
    perSecond,
    without: cost(open(all)),
    bounded: cost(bounded(all)),
    guarded: cost(bounded(Math.min(all, passing * HOUR))) + all * inspected * INSPECTION,
  };
}

/** A WebSocket that is opened, and looked for when it is closed; one that was stored is deleted then. */
const connection = (writeUnit: number): Quantities =>
  add(
    { edgeRequest: 1, readUnit: 1, writeUnit },
    invocation("live", PROCESSOR_MS.refusal, 0),
    invocation("live", PROCESSOR_MS.refusal, ASSUMED.roundTripMs),
  );

/** The largest frame that is read, and its answer. */
const frame = (processorMs: number, waitMs: number, stored: Quantities): Quantities =>
  add(
    { webSocketMessage: LIMITS.bodyBytes / FRAME_BYTES + 1, trafficGb: ASSUMED.frameBytes / GB },
    invocation("live", processorMs, waitMs),
    stored,
  );

/** A ping over a connection that proves nothing, or that has proven itself. */
const ping = (writeUnit: number): Quantities =>
  add(frame(PROCESSOR_MS.refusal, 0, {}), times(1 / FRAMES, connection(writeUnit)));

/** A WebSocket that is not let in. */
const REFUSED_CONNECTION = add({ edgeRequest: 1 }, invocation("live", PROCESSOR_MS.refusal, 0));

/** A frame that wakes one connection. */
const WAKE: Quantities = { webSocketMessage: 1, trafficGb: ASSUMED.frameBytes / GB };

/** All that can be done without an account. */
function byStrangers(): Attack[] {
  const { anyRoute, login, connect, frame: frames, passwords, requests } = rates();
  const { burst, perSecond, hash: tokens, frame: frameTokens } = LIMITS.address;
  const hash = request("accounts", PROCESSOR_MS.hash, SMALL_ANSWER_BYTES, LOGIN_UNITS);
  const hashes = (count: number): number =>
    functionsOf(count / HOUR, PROCESSOR_MS.hash) * allowed({ burst: burst / tokens, perSecond: perSecond / tokens });
  const silent = add(connection(0), { webSocketMinute: IDLE_MINUTES });
  // A function counts the frames of those connections alone that it let in itself, one of so many.
  const juggled = functionsOf(frames, JUNK_MS) ** 2;
  const junk = juggled * allowed({ burst: burst / frameTokens, perSecond: perSecond / frameTokens });
  return [
    attack(
      "invalid tokens, or anything else that is refused at once",
      { perSecond: anyRoute, passing: requests },
      (count) => times(count, refused("sync")),
    ),
    attack(
      "logins with wrong passwords",
      { perSecond: login, passing: passwords },
      (count) => times(count, hash),
      (count) => mixed(count, refused("accounts"), [hashes(count), hash]),
    ),
    attack("WebSockets that say nothing", { perSecond: connect, passing: requests }, (count) => times(count, silent)),
    attack(
      "pings over new WebSockets, which prove nothing",
      { perSecond: frames, passing: undefined, inspected: connect / frames },
      (count) => times(count, ping(0)),
      (count) => add(mixed(count, {}, [junk, ping(0)]), times(connect * HOUR, REFUSED_CONNECTION)),
    ),
  ];
}

/** What an account can do. */
function byAnAccount(): Attack[] {
  const { anyRoute, frame: frames, requests } = rates();
  const way = { perSecond: anyRoute, passing: requests };
  const refusal = refused("sync");

  // The longest messages, all of control characters, on a channel that is full of them.
  const escaped = answerBytes({
    senderName: "n".repeat(LIMITS.username.maxCharacters),
    content: "\u0001".repeat(LIMITS.contentBytes),
  });
  const unboundedBatch = Math.floor(UNBOUNDED_CONTENT / LIMITS.contentBytes) * escaped;
  const page = { readUnit: PAGE_BYTES / READ_UNIT_BYTES + SESSION_UNITS };
  const functions = functionsOf(anyRoute, REQUEST_MS);
  const pages = (allowedByLease(LIMITS.sync, functions) * LIMITS.syncBytes) / PAGE_BYTES;
  const replays = allowedByLease(LIMITS.replay, functions);
  const replay = (bytes: number) => request("sync", PROCESSOR_MS.request, bytes, page);
  const held = request("sync", PROCESSOR_MS.request, SMALL_ANSWER_BYTES, page);

  // Each round of a sync that others beat reads a page, and has its write refused.
  const { lambdaGbSecond = 0 } = invocation("sync", PROCESSOR_MS.request, 2 * ASSUMED.roundTripMs + BACK_OFF_MS);
  const round = { ...page, writeUnit: HEAD_UNITS, lambdaGbSecond };
  const beaten = add(refusal, times(LIMITS.syncAttempts, round));

  // A message, and its part of the sync that takes it off.
  const inBatch = Math.floor(LIMITS.batchBytes / LIMITS.contentBytes);
  const sync = add(replay(LIMITS.batchBytes), { writeUnit: 1 });
  const message = add(
    request("send", PROCESSOR_MS.request, SMALL_ANSWER_BYTES, {
      writeUnit: 2 * LONGEST_UNITS,
      readUnit: SEND_READ_UNITS,
    }),
    times(1 / inBatch, sync),
  );

  // The user has as many connections as may be: each proof stores one more, and forgets the oldest.
  const proof = add(
    frame(PROCESSOR_MS.request, 3 * ASSUMED.roundTripMs, { writeUnit: 2, readUnit: 2 }),
    times(1 / FRAMES, connection(3)),
  );
  const proofs = functionsOf(frames, PROOF_MS) * allowed(LIMITS.live.proofs);

  // Passed on to a user who has as many connections as may be: they are found by one unit, and two records by one.
  const typing = frame(PROCESSOR_MS.request, 2 * ASSUMED.roundTripMs, { readUnit: 2 });
  const typists = functionsOf(frames, TYPING_MS);
  return [
    attack(
      "an account asks again and again for a batch that it missed",
      way,
      (count) => times(count, replay(unboundedBatch)),
      (count) => mixed(count, refusal, [replays, replay(LIMITS.batchBytes)], [Math.max(0, pages - replays), held]),
    ),
    attack(
      "an account asks for a batch that another of its clients holds",
      way,
      (count) => times(count, held),
      (count) => mixed(count, refusal, [pages, held]),
    ),
    attack(
      "an account has its own syncs beat each other",
      way,
      (count) => times(count, beaten),
      (count) => mixed(count, refusal, [pages / LIMITS.syncAttempts, beaten]),
    ),
    attack(
      "an account sends itself the longest messages, takes them off, and has each wake all its WebSockets",
      way,
      (count) => add(times(count, message), times(count * LIMITS.live.connections, WAKE)),
      (count) => {
        const sent = Math.min(count, allowedByLease(LIMITS.send, functions));
        const further = Math.min(sent * (LIMITS.live.connections - 1), functions * allowed(LIMITS.live.furtherWakes));
        return add(mixed(count, refusal, [sent, message]), times(sent + further, WAKE));
      },
    ),
    attack(
      "an account proves itself again and again over new WebSockets",
      { perSecond: frames, passing: undefined, inspected: 1 / FRAMES },
      (count) => times(count, proof),
      // Pings over them are the dearest that is left.
      (count) => mixed(count, ping(2), [proofs, proof]),
    ),
    attack(
      "an account says that it is typing to a user who has as many WebSockets as may be",
      { perSecond: frames, passing: undefined, inspected: 1 / FRAMES },
      (count) => add(times(count, typing), times(count * LIMITS.live.connections, WAKE)),
      (count) => {
        const relayed = typists * allowed(LIMITS.live.typing.user);
        const told = Math.min(relayed * LIMITS.live.connections, typists * allowed(LIMITS.live.typing.told));
        return add(mixed(count, ping(2), [relayed, typing]), times(told, WAKE));
      },
    ),
  ];
}

/** How often a push is tried that is put off each time: the waits double, and fit into the hour. */
const PUSH_TRIES = 1 + Math.floor(Math.log2(LIMITS.push.retryFor / LIMITS.push.retryAfter + 1));

/** A try to tell so many devices, whose push services answer at the last moment that it is to be put off. */
const pushTry = (devices: number): Quantities =>
  add(
    invocation("push", devices * ASSUMED.push.processorMs, LIMITS.push.callTime, ASSUMED.push.metricsBytes),
    times(devices, { readUnit: 1.5, outboundGb: ASSUMED.push.bytes / GB }),
  );

/** The further tries of one push. Each device names a wait of its own, and so has schedules of its own. */
const FURTHER_TRIES = times(PUSH_TRIES - 1, add({ schedule: 1 }, pushTry(1)));

/** Pushes of an hour that the rate of each device of an account lets through. */
const pushesOf = (functions: number): number => functions * LIMITS.devices.most * allowed(LIMITS.push.ofDevice);

/** How many functions wait at the same time for the endpoints of one account, if these answer as late as they may. */
export function waitingPushes(): number {
  const pushes = pushesOf(functionsOf(rates().anyRoute, REQUEST_MS));
  return (pushes * PUSH_TRIES * LIMITS.push.callTime) / (HOUR * 1_000);
}

/** An account has its own devices told of its own messages, at endpoints of its own that answer late and have it tried again. */
function byEndpoints(): Attack[] {
  const { anyRoute, requests } = rates();
  const devices = LIMITS.devices.most;
  const functions = functionsOf(anyRoute, REQUEST_MS);
  // Each device takes its messages off in batches.
  const sync = request("sync", PROCESSOR_MS.request, LIMITS.batchMessages * SMALL_ANSWER_BYTES, { writeUnit: 1 });
  const message = add(
    request("send", PROCESSOR_MS.request + ASSUMED.push.sendMs, SMALL_ANSWER_BYTES, {
      writeUnit: 2 * devices,
      readUnit: SEND_READ_UNITS,
    }),
    times(devices / LIMITS.batchMessages, sync),
  );
  return [
    attack(
      "an account has its devices told by push of each message, at endpoints of its own that put each push off",
      { perSecond: anyRoute, passing: requests },
      (count) => times(count, add(message, pushTry(devices), times(devices, FURTHER_TRIES))),
      (count) => {
        const sent = Math.min(count, allowedByLease(LIMITS.send, functions));
        const pushes = Math.min(sent * devices, pushesOf(functions));
        // Past its rate a device is left out: each push may be the only one of its message.
        return add(mixed(count, refused("send"), [sent, message]), times(pushes, add(pushTry(1), FURTHER_TRIES)));
      },
    ),
  ];
}

/**
 * What anybody can do who has got the URL by which a file is fetched, of somebody who is logged in: it goes past goTalk's functions and
 * the firewall. S3 bills what it refuses, but for `AccessDenied`:
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/ErrorCodeBilling.html
 */
function byUrlsOfFiles(): Attack[] {
  const way = (perSecond: number): Way => ({ perSecond, passing: undefined, inspected: 0 });
  const bytes = sealedBytes(FILE_BYTES);
  const get = add({ s3Get: 1 }, { outboundGb: bytes / GB });
  return [
    attack(
      "the URL of the largest file is used again and again in its 5 minutes, and then the next one",
      way(LINE_BYTES / bytes),
      (count) => times(count, get),
    ),
    attack("the URL of a file is used after its 5 minutes", way(S3_GETS), () => ({})),
    attack("the URL of a file is used for another file, or with a changed signature", way(S3_GETS), (count) =>
      times(count, { s3Get: 1 }),
    ),
  ];
}

export const attacks = (): Attack[] => [...byStrangers(), ...byAnAccount(), ...byEndpoints(), ...byUrlsOfFiles()];

const dollars = (amount: number): string => (amount >= 100 ? amount.toFixed(0) : amount.toFixed(2));

/** The table as it has to be in the document. */
export function attackTable(): string {
  const rows = attacks().map(
    ({ what, perSecond, without, bounded, guarded }) =>
      `| ${what} | ${Math.round(perSecond)} | ${dollars(without)} | ${dollars(bounded)} | ${dollars(guarded)} |`,
  );
  const head = "| US dollars in an hour | a second | without bounds | with them | and with `WAF=true` |";
  return [head, "| --- | --- | --- | --- | --- |", ...rows, ""].join("\n");
}

/** The table that is there. */
export const presentAttackTable = (): string => TABLE.exec(readFileSync(DOCUMENT, "utf8"))?.[0] ?? "";

if (import.meta.main) {
  writeFileSync(DOCUMENT, readFileSync(DOCUMENT, "utf8").replace(TABLE, attackTable()));
}
