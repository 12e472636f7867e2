import { readFileSync } from "node:fs";
import { parse } from "yaml";

const MILLION = 1e6;

/**
 * AWS's list prices for us-east-1 in dollars, in the first tier and without the free tier, as of September 2026.
 *
 * HTTP API and WebSocket: https://aws.amazon.com/api-gateway/pricing/ (20 September 2026). Lambda, arm64:
 * https://aws.amazon.com/lambda/pricing/ (May 2026). SQS: https://aws.amazon.com/sqs/pricing/ (June 2026). DynamoDB:
 * https://aws.amazon.com/dynamodb/pricing/on-demand/ (since 1 November 2024, when on-demand units became half as dear).
 * Logs: https://aws.amazon.com/cloudwatch/pricing/ (first tier since 1 May 2025). CloudFront, to North America and Europe at
 * most: https://aws.amazon.com/cloudfront/pricing/; it pays for what it fetches from API Gateway. S3, in
 * its class "standard": https://aws.amazon.com/s3/pricing/. Traces:
 * https://aws.amazon.com/xray/pricing/.
 */
export const PRICES = {
  /** HTTP API, for each 512 KB. */
  httpRequest: 1 / MILLION,
  /** For each 32 KB, in and out. */
  webSocketMessage: 1 / MILLION,
  webSocketMinute: 0.25 / MILLION,
  lambdaRequest: 0.2 / MILLION,
  lambdaGbSecond: 0.0000133334,
  writeUnit: 0.625 / MILLION,
  readUnit: 0.125 / MILLION,
  /** Standard queues, for each 64 KB; a batch of 10 is one request. */
  sqsRequest: 0.4 / MILLION,
  /** Written to CloudWatch Logs. */
  logGb: 0.5,
  /** Of CloudFront, by HTTPS; opening a WebSocket is one, its frames are none. */
  edgeRequest: 1 / MILLION,
  /** Out of CloudFront to the internet. */
  trafficGb: 0.085,
  s3Put: 5 / MILLION,
  s3Get: 0.4 / MILLION,
  s3GbMonth: 0.023,
  /** Out of S3 or Lambda to the internet, beyond the 100 GB a month that are free: https://aws.amazon.com/ec2/pricing/on-demand/. */
  outboundGb: 0.09,
  /** An invocation by EventBridge Scheduler: https://aws.amazon.com/eventbridge/pricing/. */
  schedule: 1 / MILLION,
  /** Recorded by X-Ray. */
  trace: 5 / MILLION,
} as const;

export const GB = 1e9;

/** How much is used of what has a price. */
export type Quantities = Partial<Record<keyof typeof PRICES, number>>;

/** Dollars. */
export const cost = (quantities: Quantities): number =>
  Object.entries(quantities).reduce((sum, [name, amount]) => sum + amount * PRICES[name as keyof typeof PRICES], 0);

export function add(...all: readonly Quantities[]): Quantities {
  const sum: Quantities = {};
  for (const [name, amount] of all.flatMap((one) => Object.entries(one))) {
    const key = name as keyof typeof PRICES;
    sum[key] = (sum[key] ?? 0) + amount;
  }
  return sum;
}

export const times = (factor: number, quantities: Quantities): Quantities =>
  Object.fromEntries(Object.entries(quantities).map(([name, amount]) => [name, factor * amount]));

interface Declared {
  readonly memorySize?: number;
}

const read = (path: string): unknown => parse(readFileSync(new URL(`../${path}`, import.meta.url), "utf8"));

const { provider, functions } = read("serverless.yml") as {
  readonly provider: Declared & { readonly logs?: { readonly lambda?: { readonly systemLogLevel?: string } } };
  readonly functions: Readonly<Record<string, Declared>>;
};

const { Parameters } = read("deploy/parameters.yml") as {
  readonly Parameters: Readonly<Record<"AccessLogs" | "XRay", { readonly Default: string }>>;
};

/** Whether a deployment has something that a parameter of the stack turns on, when nobody sets it. */
const isOn = (name: keyof typeof Parameters): boolean => Parameters[name].Default.endsWith("'true'}");

/** What is not measured here but taken for a function on AWS. */
export const ASSUMED = {
  /**
   * Milliseconds for each call of a database or a queue that waits for the one before: DynamoDB promises single digits.
   * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Introduction.html
   */
  roundTripMs: 5,
  /** Memory that comes with one whole processor. https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html */
  processorMb: 1_769,
  /**
   * Lambda's own lines for an invocation that ends well. At the level WARN there are none.
   * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html
   */
  systemLogBytes: provider.logs?.lambda?.systemLogLevel === "WARN" ? 0 : 400,
  /** What a line of metrics gets: 26 bytes by CloudWatch, and a time and a level by Lambda, if it puts them in. */
  lineBytes: 26 + 60,
  /** A line of the access log. */
  accessLogBytes: isOn("AccessLogs") ? 350 : 0,
  /**
   * The part of all invocations that X-Ray records when there are many: one in twenty.
   * https://docs.aws.amazon.com/lambda/latest/dg/services-xray.html
   */
  traced: isOn("XRay") ? 0.05 : 0,
  /** Headers that API Gateway adds to an answer. */
  headerBytes: 200,
  /** A frame that wakes a client or answers one, with its header. */
  frameBytes: 20,
  /**
   * Of a push: the processor's time for the handshake, the signature and the encryption; the milliseconds for the look-up, the
   * handshake and the answer of a push service; and what goes out, with the handshake. `sendMs` is what `send` computes to hand it over.
   */
  push: { processorMs: 9, sendMs: 3, serviceMs: 120, bytes: 6_000, metricsBytes: 120 },
  daysPerMonth: 30,
  /** Conversations of a user each day, messages that come in each, and the pause between them. As many go out. */
  conversations: { perDay: 20, messages: 5, pauseMs: 20_000 },
  /** Of the client, see `lib/client/wake-socket.ts`: it asks every 5 minutes and waits 10 s; it renews after 99 to 110 minutes. */
  webSocket: { pingMs: 310_000, lifetimeMs: 104.5 * 60_000 },
} as const;

/** Of a function, as `serverless.yml` declares it. */
const memoryMbOf = (name: string): number => functions[name]?.memorySize ?? provider.memorySize ?? 1_024;

/**
 * One invocation of a function.
 *
 * @param processorMs On a whole processor; it takes as much longer as the function has less of one.
 * @param waitMs For others.
 * @param metricsBytes What it prints.
 */
export function invocation(name: string, processorMs: number, waitMs: number, metricsBytes = 0): Quantities {
  const memoryMb = memoryMbOf(name);
  const ownMs = processorMs * Math.max(1, ASSUMED.processorMb / memoryMb);
  return {
    lambdaRequest: 1,
    // Billed by the millisecond begun.
    lambdaGbSecond: ((memoryMb / 1_024) * Math.ceil(ownMs + waitMs)) / 1_000,
    logGb: (ASSUMED.systemLogBytes + (metricsBytes > 0 ? ASSUMED.lineBytes + metricsBytes : 0)) / GB,
    trace: ASSUMED.traced,
  };
}
