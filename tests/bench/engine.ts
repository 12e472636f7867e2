import { fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { createTables, declaredTables } from "../../local/tables.ts";

const CHILD = fileURLToPath(new URL("engine-child.ts", import.meta.url));

/** A DynamoDB engine with goTalk's tables, empty, in memory, and in a process of its own. */
export interface BenchEngine {
  readonly endpoint: string;
  /** What a function needs in its environment to use it. */
  readonly environment: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/**
 * In a process of its own, so that the engine's work is not counted as the caller's; in memory, as its disk would slow
 * the bare calls down and make any handler look good beside them.
 */
export async function startEngine(): Promise<BenchEngine> {
  const child = fork(CHILD);
  const [endpoint] = (await once(child, "message")) as [string];
  const environment = {
    AWS_ACCESS_KEY_ID: "bench",
    AWS_SECRET_ACCESS_KEY: "bench",
    AWS_ENDPOINT_URL_DYNAMODB: endpoint,
    AWS_REGION: "us-east-1",
    CHANNELS_TABLE: tableName("ChannelsTable"),
    ACCOUNTS_TABLE: tableName("AccountsTable"),
    TOKEN_KEY: randomBytes(32).toString("base64url"),
    // The same person sends all the time here, and backlogs are larger than the default allows.
    SEND_BURST: "1000000",
    SEND_PER_SECOND: "1000000",
    CHANNEL_MESSAGES: "1000000",
    // As deployed, a send looks up who listens. Nobody does, so that nothing is ever posted there.
    LIVE_ENDPOINT: "http://127.0.0.1:9",
    // No line of metrics between the bench's own.
    POWERTOOLS_DEV: "true",
    POWERTOOLS_METRICS_NAMESPACE: "goTalk",
    POWERTOOLS_SERVICE_NAME: "gotalk-bench",
  };
  const credentials = {
    accessKeyId: environment.AWS_ACCESS_KEY_ID,
    secretAccessKey: environment.AWS_SECRET_ACCESS_KEY,
  };
  const client = new DynamoDBClient({ endpoint, region: environment.AWS_REGION, credentials });
  await createTables(client, declaredTables());
  client.destroy();
  return {
    endpoint,
    environment,
    stop: async () => {
      const exited = once(child, "exit");
      child.disconnect();
      await exited;
    },
  };
}

function tableName(id: string): string {
  const table = declaredTables()[id];
  if (table === undefined) throw new Error(`serverless.yml declares no ${id}`);
  return table.TableName;
}
