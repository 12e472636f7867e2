import { join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { reason, StartError } from "../stack/start-error.ts";
import { createTables, type Tables } from "../stack/tables.ts";
import { type Engine, startDynalite } from "./engine.ts";
import { listenPrivately } from "./private-server.ts";
import { checkStore } from "./store.ts";

const PROBE = { maxAttempts: 2, requestHandler: { connectionTimeout: 2000, requestTimeout: 10_000 } };

/**
 * Starts the embedded engine on the data folder, with all tables in it. Its URL is a secret.
 *
 * @throws {StartError} when its files are in use or damaged
 */
export async function startEmbedded(folder: string, tables: Tables): Promise<Engine> {
  const path = join(folder, "dynamodb");
  await checkStore(
    path,
    Object.values(tables).map(({ TableName }) => TableName),
  );
  const engine = await startDynalite(path, listenPrivately);
  try {
    await prepare(engine.endpoint, tables);
  } catch (error) {
    // Its open port would keep this process alive, and its lock would keep others from the files.
    await engine.stop();
    throw error;
  }
  return engine;
}

/**
 * Uses the engine that runs at an endpoint, and creates the tables that are missing there.
 *
 * @throws {StartError} when it cannot be reached, or refuses
 */
export async function useExternal(endpoint: string, tables: Tables): Promise<Engine> {
  try {
    await prepare(endpoint, tables);
  } catch (error) {
    throw new StartError(
      `The DynamoDB engine at ${endpoint} cannot be used (${reason(error)}). Start it, or unset AWS_ENDPOINT_URL_DYNAMODB to use the embedded one.`,
      { cause: error },
    );
  }
  return { endpoint, data: endpoint, stop: async () => {} };
}

async function prepare(endpoint: string, tables: Tables): Promise<void> {
  const client = new DynamoDBClient({ ...PROBE, endpoint });
  try {
    await createTables(client, tables);
  } finally {
    client.destroy();
  }
}
