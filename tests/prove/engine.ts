import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import dynalite from "dynalite";
import type { Database } from "../../lib/database/database.ts";
import { createTables, declaredTables } from "../../stack/tables.ts";
import { engines } from "../support/engines.ts";
import { database, inProcess, overHttp } from "./short-line.ts";

/** An engine with goTalk's table of channels, by the shortest way to it. */
export interface ProofEngine {
  readonly database: Database;
  /** The table's name. */
  readonly table: string;
  stop(): Promise<void>;
}

/** Starts an engine of `engines`, by its name. */
export async function startProofEngine(name: string): Promise<ProofEngine> {
  const kind = engines.find((engine) => engine.name === name);
  if (kind === undefined) throw new Error(`there is no engine ${name}`);
  if (name === "dynalite") return embedded();
  const { endpoint, tables, stop } = await kind.start();
  return { database: database(overHttp(endpoint)), table: tables.channels, stop };
}

async function embedded(): Promise<ProofEngine> {
  const { ChannelsTable } = declaredTables();
  if (ChannelsTable === undefined) throw new Error("serverless.yml lacks a table");
  const line = database(inProcess(dynalite({ createTableMs: 0 })));
  await createTables(line as DynamoDBClient, { ChannelsTable });
  return { database: line, table: ChannelsTable.TableName, stop: async () => {} };
}
