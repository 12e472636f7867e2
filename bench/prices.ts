import type { Counted } from "./counts.ts";
import { conversations, day, POLLING, type Syncs, WOKEN } from "./day.ts";
import type { Overheads } from "./overhead.ts";
import { ASSUMED, add, cost, GB, invocation, PRICES, type Quantities, times } from "./price-list.ts";

/*
 * What goTalk costs on AWS, from the calls, units and bytes that were counted, the processor time that was measured, and
 * AWS's list prices.
 */

/** What the model leaves out, for all that is compared. */
const LEFT_OUT = [
  "what is stored and its point-in-time recovery (a message is there until it is delivered)",
  "cold starts (their time is billed since August 2025; how many there are depends on the traffic)",
  "registering and logging in (argon2id takes 0.1 s of 1,769 MB, and a few units: 4 dollars for a million logins)",
  "what does not depend on the messages: 0.30 dollars a month for each custom metric, alarms, the page's own files",
  "the sender's rate (one write in 50 messages of a program that sends without a pause: 0.01 dollars a million; likewise of syncs, one in 250)",
  "the channel's bound (a count in 1,000 messages of a channel that is empty, more when it fills)",
  "what clients send: CloudFront takes 0.02 dollars a GB for it, and a request has less than 1 KB beside its content",
  "retries, volume tiers, the free tier, taxes",
];

/** What each kind of request uses with one way of keeping messages. */
interface Store {
  readonly send: Quantities;
  /** Nothing there. */
  readonly empty: Quantities;
  /** Hands out one message after a silence. */
  readonly handOut: Quantities;
  /** Settles it, and finds nothing more. */
  readonly settle: Quantities;
  /** Both at once, in a running conversation. */
  readonly next: Quantities;
  /** Hands out 100 messages and settles 100. */
  readonly batch100: Quantities;
}

interface MessagePrice {
  readonly store: string;
  /** Dollars for a million messages, each sent and handed out. */
  readonly lone: number;
  readonly batch100: number;
  /** The dollars of a million lone messages, by what they are paid for. */
  readonly loneParts: Readonly<Record<Part, number>>;
}

interface UserPrice {
  readonly store: string;
  /** Dollars for a user who is online for a month. */
  readonly eachSecond: number;
  readonly adaptive: number;
  readonly woken: number;
}

export interface Prices {
  /** Dollars. */
  readonly list: typeof PRICES;
  readonly assumed: typeof ASSUMED;
  readonly leftOut: readonly string[];
  readonly perMillionMessages: readonly MessagePrice[];
  readonly perUserMonth: readonly UserPrice[];
  readonly syncsPerDay: Readonly<Record<"eachSecond" | "adaptive" | "woken", Syncs>>;
}

const PARTS = {
  gateway: ["httpRequest", "webSocketMessage", "webSocketMinute"],
  lambda: ["lambdaRequest", "lambdaGbSecond"],
  dynamoDb: ["writeUnit", "readUnit"],
  sqs: ["sqsRequest"],
  "logs and traces": ["logGb", "trace"],
  CloudFront: ["edgeRequest", "trafficGb"],
} as const satisfies Record<string, readonly (keyof Quantities)[]>;
type Part = keyof typeof PARTS;

/**
 * What the other two are made of: a function in front of them that checks the session and the receiver as goTalk's does,
 * takes as much of the processor, and answers and prints as many bytes.
 */
export function stores({ counts, messageBytes }: Counted, overheads: Overheads): Record<string, Store> {
  const own = {
    send: { name: "send", processorMs: overheads.send.processor, count: counts.send },
    empty: { name: "sync", processorMs: overheads.emptySync.processor, count: counts.emptySync },
    handOut: { name: "sync", processorMs: overheads.sync.processor, count: counts.sparseSync },
    settle: { name: "sync", processorMs: overheads.sync.processor, count: counts.settlingSync },
    next: { name: "sync", processorMs: overheads.sync.processor, count: counts.loneSync },
    batch100: { name: "sync", processorMs: overheads.batch100Sync.processor, count: counts.batch100Sync },
  } as const;

  function request(kind: keyof Store, roundTrips: number, stored: Quantities): Quantities {
    const { name, processorMs, count } = own[kind];
    return add(
      {
        edgeRequest: 1,
        httpRequest: 1,
        trafficGb: (count.answerBytes + ASSUMED.headerBytes) / GB,
        logGb: ASSUMED.accessLogBytes / GB,
      },
      invocation(name, processorMs, roundTrips * ASSUMED.roundTripMs, count.metricsBytes),
      stored,
    );
  }
  function ours(kind: keyof Store): Quantities {
    const { roundTrips, writeUnits, readUnits } = own[kind].count;
    return request(kind, roundTrips, { writeUnit: writeUnits, readUnit: readUnits });
  }

  const checkedSend = { readUnit: counts.send.readUnits };
  /** The session: half a unit to look at it; one more, consistent, before anything is handed out or done. */
  const looked = 0.5;
  const checked = 1.5;
  const batchPage = Math.ceil((100 * messageBytes) / 4_096);
  return {
    goTalk: {
      send: ours("send"),
      empty: ours("empty"),
      handOut: ours("handOut"),
      settle: ours("settle"),
      next: ours("next"),
      batch100: ours("batch100"),
    },
    // One queue for each user. A receive or a delete takes at most 10 messages. No order, and duplicates are possible.
    SQS: {
      send: request("send", 2, { ...checkedSend, sqsRequest: 1 }),
      empty: request("empty", 1, { readUnit: looked, sqsRequest: 1 }),
      handOut: request("handOut", 2, { readUnit: checked, sqsRequest: 1 }),
      settle: request("settle", 2, { readUnit: checked, sqsRequest: 2 }),
      next: request("next", 2, { readUnit: checked, sqsRequest: 2 }),
      batch100: request("batch100", 2, { readUnit: checked, sqsRequest: 20 }),
    },
    // Each message is leased by a conditional update and deleted by itself.
    "lease per message": {
      send: request("send", 2, { ...checkedSend, writeUnit: 1 }),
      empty: request("empty", 1, { readUnit: looked + 1 }),
      handOut: request("handOut", 3, { readUnit: checked + 1, writeUnit: 1 }),
      settle: request("settle", 2, { readUnit: checked + 1, writeUnit: 1 }),
      next: request("next", 3, { readUnit: checked + 1, writeUnit: 2 }),
      batch100: request("batch100", 3, { readUnit: checked + batchPage, writeUnit: 200 }),
    },
  };
}

/**
 * The syncs of a day on which a client asks each second. Messages are further apart than that: one sync hands a message
 * out, and the next one settles it and finds nothing more.
 */
export const eachSecondDay = (messages: number): Syncs => ({
  handingOut: messages,
  settling: messages,
  empty: SECONDS_PER_DAY - 2 * messages,
});

/** A million messages, and a user who is online for a month, with each store. */
export async function priceModel(counted: Counted, overheads: Overheads): Promise<Prices> {
  const { perDay, messages, pauseMs } = ASSUMED.conversations;
  const arrivals = conversations(perDay, messages, pauseMs);
  const syncsPerDay = {
    eachSecond: eachSecondDay(arrivals.length),
    adaptive: await day(arrivals, POLLING),
    woken: await day(arrivals, WOKEN),
  };
  const all = Object.entries(stores(counted, overheads));
  return {
    list: PRICES,
    assumed: ASSUMED,
    leftOut: LEFT_OUT,
    perMillionMessages: all.map(([store, requests]) => messagePrice(store, requests)),
    perUserMonth: all.map(([store, requests]) => {
      const sends = times(arrivals.length, requests.send);
      const month = (syncs: Syncs, live: Quantities = {}): number =>
        cost(times(ASSUMED.daysPerMonth, add(sends, live, syncsOf(requests, syncs))));
      return {
        store,
        eachSecond: month(syncsPerDay.eachSecond),
        adaptive: month(syncsPerDay.adaptive),
        woken: month(syncsPerDay.woken, liveDay(arrivals.length, overheads)),
      };
    }),
    syncsPerDay,
  };
}

/**
 * What a push uses beside its message: one device that is not connected, whose push service takes it at once. The session and the
 * head of the channel are read side by side.
 */
export function pushUse(): Quantities {
  const { roundTripMs, push } = ASSUMED;
  const { lambdaGbSecond = 0 } = invocation("send", push.sendMs, 0);
  return add(
    { lambdaGbSecond, readUnit: 1.5, outboundGb: push.bytes / GB },
    invocation("push", push.processorMs, roundTripMs + push.serviceMs, push.metricsBytes),
  );
}

const MILLION = 1e6;
const SECONDS_PER_DAY = 86_400;

function messagePrice(store: string, { send, next, batch100 }: Store): MessagePrice {
  const lone = times(MILLION, add(send, next));
  const partOf = (names: readonly (keyof Quantities)[]): number =>
    cost(Object.fromEntries(names.map((name) => [name, lone[name] ?? 0])));
  return {
    store,
    lone: cost(lone),
    batch100: MILLION * cost(add(send, times(1 / 100, batch100))),
    loneParts: Object.fromEntries(Object.entries(PARTS).map(([part, names]) => [part, partOf(names)])) as Record<
      Part,
      number
    >,
  };
}

const syncsOf = ({ handOut, settle, empty }: Store, syncs: Syncs): Quantities =>
  add(times(syncs.handingOut, handOut), times(syncs.settling, settle), times(syncs.empty, empty));

/** What a WebSocket uses in a day beside the syncs: to be there, to begin anew, to be asked, and a wake for each message. */
export function liveDay(messages: number, { emptySync }: Pick<Overheads, "emptySync">): Quantities {
  const { roundTripMs, webSocket, frameBytes } = ASSUMED;
  const dayMs = 1_000 * SECONDS_PER_DAY;
  // Its frames are as small as a sync that finds nothing.
  const live = (waitMs: number) => invocation("live", emptySync.processor, waitMs);
  const connection = add(
    // It opens; two items are stored, the session is looked at, and whether it is one too many; it ends, and the items are
    // looked for and deleted.
    live(0),
    add(live(3 * roundTripMs), { webSocketMessage: 2, writeUnit: 2, readUnit: 1.5, trafficGb: frameBytes / GB }),
    add(live(2 * roundTripMs), { readUnit: 1, writeUnit: 2 }),
  );
  // At most: a running function looks once whether the connection has proven itself. Each ping looks at the channel.
  const ping = add(live(2 * roundTripMs), { readUnit: 1, webSocketMessage: 2, trafficGb: frameBytes / GB });
  // The sender's function waits for it; its memory is paid meanwhile.
  const { lambdaGbSecond = 0 } = invocation("send", 0, roundTripMs);
  const wake = { webSocketMessage: 1, lambdaGbSecond, trafficGb: frameBytes / GB };
  return add(
    { webSocketMinute: dayMs / 60_000 },
    times(dayMs / webSocket.lifetimeMs, add(connection, { edgeRequest: 1 })),
    times(dayMs / webSocket.pingMs, ping),
    times(messages, wake),
  );
}
