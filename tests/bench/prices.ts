import type { Count, Counts } from "./counts.ts";
import { conversations, day, POLLING, type Syncs, WOKEN } from "./day.ts";

/*
 * What goTalk costs on AWS, from the calls and units that were measured and AWS's list prices for us-east-1, in dollars,
 * first tier, without the free tier. They were last compared with AWS's price pages of 2025; on-demand DynamoDB has cost
 * this since 1 November 2024.
 *   https://aws.amazon.com/dynamodb/pricing/on-demand/   https://aws.amazon.com/lambda/pricing/
 *   https://aws.amazon.com/api-gateway/pricing/          https://aws.amazon.com/sqs/pricing/
 * Not in it: traffic out of AWS, storage (30 days at most), logs. They are the same for all that is compared.
 */
const MILLION = 1e6;
const PRICES = {
  /** HTTP API, for each 512 KB. */
  httpRequest: 1 / MILLION,
  lambdaRequest: 0.2 / MILLION,
  /** arm64. */
  lambdaGbSecond: 0.0000133334,
  writeUnit: 0.625 / MILLION,
  readUnit: 0.125 / MILLION,
  /** Standard queues, for each 64 KB; a batch of 10 is one request. */
  sqsRequest: 0.4 / MILLION,
  /** For each 32 KB, in and out. */
  webSocketMessage: 1 / MILLION,
  webSocketMinute: 0.25 / MILLION,
} as const;

/** What is not measured here but taken for a function on AWS. */
const ASSUMED = {
  memoryGb: 0.5,
  /** For each call of a database or a queue that waits for the one before. */
  roundTripMs: 5,
  /** The function's own work and the SDK's, on its part of a processor. */
  ownMs: 5,
  daysPerMonth: 30,
  /** Conversations of a user each day, messages that come in each, and the pause between them. */
  conversations: { perDay: 20, messages: 5, pauseMs: 20_000 },
  /** API Gateway ends a silent WebSocket after 10 minutes and any after 2 hours. */
  webSocket: {
    pingsPerDay: 160,
    connectsPerDay: 12,
    /** It is opened, proven and closed; a connection is two items. */
    connect: { webSocketMessage: 1, lambdaRequest: 3, lambdaGbSecond: 0.01, writeUnit: 4, readUnit: 2 },
  },
} as const;

type Quantities = Partial<Record<keyof typeof PRICES, number>>;

const cost = (quantities: Quantities): number =>
  Object.entries(quantities).reduce((sum, [name, amount]) => sum + amount * PRICES[name as keyof typeof PRICES], 0);

/** One HTTP request and the function behind it. */
const requestCost = (roundTrips: number, stored: Quantities): number =>
  cost({
    httpRequest: 1,
    lambdaRequest: 1,
    lambdaGbSecond: (ASSUMED.memoryGb * (ASSUMED.ownMs + roundTrips * ASSUMED.roundTripMs)) / 1_000,
    ...stored,
  });

/** What each kind of request costs with one way of keeping messages. */
interface Store {
  readonly send: number;
  /** Nothing there. */
  readonly empty: number;
  /** Hands out one message after a silence. */
  readonly handOut: number;
  /** Settles it, and finds nothing more. */
  readonly settle: number;
  /** Both at once, in a running conversation. */
  readonly next: number;
  /** Hands out 100 messages and settles 100. */
  readonly batch100: number;
}

/** All three check the sender, the receiver and the session in the same way: what they read for that is the same. */
function stores(counts: Counts): Record<string, Store> {
  const ours = ({ roundTrips, writeUnits, readUnits }: Count): number =>
    requestCost(roundTrips, { writeUnit: writeUnits, readUnit: readUnits });
  const checkedSend = { readUnit: counts.send.readUnits };
  /** The session: half a unit to look at it; one more, consistent, before anything is handed out or done. */
  const looked = 0.5;
  const checked = 1.5;
  return {
    goTalk: {
      send: ours(counts.send),
      empty: ours(counts.emptySync),
      handOut: ours(counts.sparseSync),
      settle: ours(counts.settlingSync),
      next: ours(counts.loneSync),
      batch100: ours(counts.batch100Sync),
    },
    // One queue for each user. A receive or a delete takes at most 10 messages. No order, and duplicates are possible.
    SQS: {
      send: requestCost(2, { ...checkedSend, sqsRequest: 1 }),
      empty: requestCost(1, { readUnit: looked, sqsRequest: 1 }),
      handOut: requestCost(2, { readUnit: checked, sqsRequest: 1 }),
      settle: requestCost(2, { readUnit: checked, sqsRequest: 2 }),
      next: requestCost(2, { readUnit: checked, sqsRequest: 2 }),
      batch100: requestCost(2, { readUnit: checked, sqsRequest: 20 }),
    },
    // Each message is leased by a conditional update and deleted by itself; 100 short messages are 7 read units.
    "lease each": {
      send: requestCost(2, { ...checkedSend, writeUnit: 1 }),
      empty: requestCost(1, { readUnit: looked + 1 }),
      handOut: requestCost(3, { readUnit: checked + 1, writeUnit: 1 }),
      settle: requestCost(2, { readUnit: checked + 1, writeUnit: 1 }),
      next: requestCost(3, { readUnit: checked + 1, writeUnit: 2 }),
      batch100: requestCost(3, { readUnit: checked + 7, writeUnit: 200 }),
    },
  };
}

interface MessagePrice {
  readonly store: string;
  /** Dollars for a million messages, each sent and handed out. */
  readonly lone: number;
  readonly batch100: number;
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
  readonly perMillionMessages: readonly MessagePrice[];
  readonly perUserMonth: readonly UserPrice[];
  readonly syncsPerDay: Readonly<Record<"eachSecond" | "adaptive" | "woken", Syncs>>;
}

export async function priceModel(counts: Counts): Promise<Prices> {
  const { perDay, messages, pauseMs } = ASSUMED.conversations;
  const arrivals = conversations(perDay, messages, pauseMs);
  const syncsPerDay = {
    eachSecond: {
      handingOut: arrivals.length,
      settling: arrivals.length,
      empty: SECONDS_PER_DAY - 2 * arrivals.length,
    },
    adaptive: await day(arrivals, POLLING),
    woken: await day(arrivals, WOKEN),
  };
  const all = Object.entries(stores(counts));
  return {
    list: PRICES,
    assumed: ASSUMED,
    perMillionMessages: all.map(([store, { send, next, batch100 }]) => ({
      store,
      lone: MILLION * (send + next),
      batch100: MILLION * (send + batch100 / 100),
    })),
    perUserMonth: all.map(([store, requests]) => {
      const sends = arrivals.length * requests.send;
      const month = (syncs: Syncs, live = 0): number =>
        ASSUMED.daysPerMonth * (sends + live + syncsCost(requests, syncs));
      return {
        store,
        eachSecond: month(syncsPerDay.eachSecond),
        adaptive: month(syncsPerDay.adaptive),
        woken: month(syncsPerDay.woken, liveDay(arrivals.length)),
      };
    }),
    syncsPerDay,
  };
}

const SECONDS_PER_DAY = 86_400;

const syncsCost = ({ handOut, settle, empty }: Store, syncs: Syncs): number =>
  syncs.handingOut * handOut + syncs.settling * settle + syncs.empty * empty;

/** What a WebSocket costs beside the syncs: to be there, to begin again, and one post of the sender for each message. */
function liveDay(messages: number): number {
  const { pingsPerDay, connectsPerDay, connect } = ASSUMED.webSocket;
  const wake = { webSocketMessage: 1, lambdaGbSecond: (ASSUMED.memoryGb * ASSUMED.roundTripMs) / 1_000 };
  return (
    cost({ webSocketMinute: 24 * 60, webSocketMessage: pingsPerDay }) +
    connectsPerDay * cost(connect) +
    messages * cost(wake)
  );
}
