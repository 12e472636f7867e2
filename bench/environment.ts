import { randomBytes } from "node:crypto";
import type { TestEngine } from "../tests/support/engines.ts";

/**
 * What a function needs in its environment to use an engine. The engine should be `apart`, in a process of its own, so
 * that its work is not counted as the caller's; and it is in memory, as its disk would slow the bare calls down and make
 * any handler look good beside them.
 */
export const environmentOf = ({ endpoint, tables }: TestEngine): Readonly<Record<string, string>> => ({
  AWS_ACCESS_KEY_ID: "bench",
  AWS_SECRET_ACCESS_KEY: "bench",
  AWS_REGION: "us-east-1",
  AWS_ENDPOINT_URL_DYNAMODB: endpoint,
  CHANNELS_TABLE: tables.channels,
  ACCOUNTS_TABLE: tables.accounts,
  TOKEN_KEY: randomBytes(32).toString("base64url"),
  ...UNLIMITED,
  REGISTRATION: "open",
  // As deployed, a send looks up who listens. Nobody does, so that nothing is ever posted there.
  LIVE_ENDPOINT: "http://127.0.0.1:9",
  // As deployed. What metrics print is taken by metrics-sink.ts.
  POWERTOOLS_DEV: "false",
  POWERTOOLS_METRICS_NAMESPACE: "goTalk",
  POWERTOOLS_SERVICE_NAME: "gotalk-bench",
});

/**
 * No bound is what is measured: the same person sends and syncs all the time, everybody registers from one address, and
 * backlogs are larger than the default allows. Buckets refill as deployed, so that they are in use, as when somebody never
 * pauses. A send counts the channel by chance, the rarer the larger the bound is: here never, or what is counted would vary.
 */
export const UNLIMITED: Readonly<Record<string, string>> = {
  SEND_BURST: "1000000",
  SYNC_BURST: "1000000",
  ADDRESS_BURST: "1000000",
  CHANNEL_MESSAGES: String(Number.MAX_SAFE_INTEGER),
};
