import { fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { createTables, declaredTables } from "../../stack/tables.ts";
import { engines } from "../support/engines.ts";

const CHILD = fileURLToPath(new URL("engine-child.ts", import.meta.url));

/** A DynamoDB engine with goTalk's tables, empty, in memory, and in a process of its own. */
export interface BenchEngine {
  readonly name: string;
  readonly endpoint: string;
  /** What a function needs in its environment to use it. */
  readonly environment: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** Every engine that is installed: dynalite always, dynoxide (SQLite) where its binary is. */
export const ENGINES: readonly string[] = engines.map(({ name }) => name);

/**
 * In a process of its own, so that the engine's work is not counted as the caller's; in memory, as its disk would slow
 * the bare calls down and make any handler look good beside them.
 */
export async function startEngine(name: string): Promise<BenchEngine> {
  const { endpoint, stop } = name === "dynalite" ? await startDynalite() : await startOther(name);
  const environment = {
    ...ACCESS,
    AWS_ENDPOINT_URL_DYNAMODB: endpoint,
    CHANNELS_TABLE: tableName("ChannelsTable"),
    ACCOUNTS_TABLE: tableName("AccountsTable"),
    TOKEN_KEY: randomBytes(32).toString("base64url"),
    // The same person sends and syncs all the time here, everybody registers from one address, and backlogs are larger
    // than the default allows. Buckets refill as deployed, so that they are in use, as when somebody never pauses.
    // A send counts the channel by chance, the rarer the larger the bound is: here never, or what is counted would vary.
    SEND_BURST: "1000000",
    SYNC_BURST: "1000000",
    ADDRESS_BURST: "1000000",
    CHANNEL_MESSAGES: String(Number.MAX_SAFE_INTEGER),
    REGISTRATION: "open",
    // As deployed, a send looks up who listens. Nobody does, so that nothing is ever posted there.
    LIVE_ENDPOINT: "http://127.0.0.1:9",
    // As deployed. What metrics print is taken by metrics-sink.ts.
    POWERTOOLS_DEV: "false",
    POWERTOOLS_METRICS_NAMESPACE: "goTalk",
    POWERTOOLS_SERVICE_NAME: "gotalk-bench",
  };
  return { name, endpoint, environment, stop };
}

const ACCESS = { AWS_ACCESS_KEY_ID: "bench", AWS_SECRET_ACCESS_KEY: "bench", AWS_REGION: "us-east-1" };

type Started = Pick<BenchEngine, "endpoint" | "stop">;

async function startDynalite(): Promise<Started> {
  const child = fork(CHILD);
  const [endpoint] = (await once(child, "message")) as [string];
  const credentials = { accessKeyId: ACCESS.AWS_ACCESS_KEY_ID, secretAccessKey: ACCESS.AWS_SECRET_ACCESS_KEY };
  const client = new DynamoDBClient({ endpoint, region: ACCESS.AWS_REGION, credentials });
  await createTables(client, declaredTables());
  client.destroy();
  return {
    endpoint,
    stop: async () => {
      const exited = once(child, "exit");
      child.disconnect();
      await exited;
    },
  };
}

function startOther(name: string): Promise<Started> {
  const kind = engines.find((engine) => engine.name === name);
  if (kind === undefined) throw new Error(`there is no engine ${name} here, but ${ENGINES.join(", ")}`);
  return kind.start();
}

function tableName(id: string): string {
  const table = declaredTables()[id];
  if (table === undefined) throw new Error(`serverless.yml declares no ${id}`);
  return table.TableName;
}
