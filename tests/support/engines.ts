import { spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { AccountsTable } from "../../lib/database/accounts-table.ts";
import { startDynalite } from "../../local/engine.ts";
import { createTables, declaredTables } from "../../stack/tables.ts";
import { atEnd } from "./at-end.ts";
import { freePort } from "./ports.ts";

const POLL_MS = 20;
const CREDENTIALS = { accessKeyId: "test", secretAccessKey: "test" };

/** A DynamoDB engine with goTalk's tables, empty. */
export interface TestEngine {
  readonly name: string;
  readonly endpoint: string;
  readonly client: DynamoDBClient;
  /** The tables' names. */
  readonly tables: { readonly channels: string; readonly accounts: string };
  /** The table `accounts`, as its stores are given it. */
  readonly accounts: AccountsTable;
  stop(): Promise<void>;
}

/** An engine that can be started; `describe.each(engines)` runs tests on each. */
export interface EngineKind {
  readonly name: string;
  start(): Promise<TestEngine>;
}

const installed: readonly EngineKind[] = [
  { name: "dynalite", start: () => withTables("dynalite", startDynalite) },
  ...dynoxide(),
];

/** Every engine that is installed: dynalite always, dynoxide where its binary is. TEST_ENGINES=one takes the first alone. */
export const engines: readonly EngineKind[] = process.env["TEST_ENGINES"] === "one" ? installed.slice(0, 1) : installed;

function dynoxide(): EngineKind[] {
  if (findDynoxide() === undefined) {
    console.warn("dynoxide is not installed here: its tests are skipped.");
    return [];
  }
  return [{ name: "dynoxide", start: () => withTables("dynoxide", async () => launchDynoxide(await freePort())) }];
}

function findDynoxide(): string | undefined {
  try {
    return join(dirname(createRequire(import.meta.url).resolve("@dynoxide/linux-x64/package.json")), "dynoxide");
  } catch {
    return undefined;
  }
}

/** An engine in a process of its own. */
export interface RunningEngine {
  readonly endpoint: string;
  /** `kill -9`. */
  stop(): Promise<void>;
}

/**
 * Starts dynoxide without any table, and waits until it answers.
 *
 * @param path its file; without one everything is kept in memory
 */
export async function launchDynoxide(port: number, path?: string): Promise<RunningEngine> {
  const binary = findDynoxide();
  if (binary === undefined) throw new Error("dynoxide is not installed here");
  const endpoint = `http://127.0.0.1:${port}`;
  const file = path === undefined ? [] : ["--db-path", path];
  const child = spawn(binary, ["serve", "--port", String(port), ...file], { stdio: "ignore" });
  const leaveAlone = atEnd(() => child.kill("SIGKILL"));
  // However long it takes: a start that hangs is ended with its test.
  while ((await fetch(endpoint).catch(() => undefined)) === undefined) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error("dynoxide did not start");
    await sleep(POLL_MS);
  }
  return {
    endpoint,
    stop: async () => {
      leaveAlone();
      child.kill("SIGKILL");
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    },
  };
}

async function withTables(name: string, start: () => Promise<RunningEngine>): Promise<TestEngine> {
  const engine = await start();
  const client = new DynamoDBClient({ endpoint: engine.endpoint, region: "us-east-1", credentials: CREDENTIALS });
  const { ChannelsTable, AccountsTable } = declaredTables();
  if (ChannelsTable === undefined || AccountsTable === undefined) throw new Error("serverless.yml lacks a table");
  await createTables(client, { ChannelsTable, AccountsTable });
  return {
    name,
    endpoint: engine.endpoint,
    client,
    tables: { channels: ChannelsTable.TableName, accounts: AccountsTable.TableName },
    accounts: { database: client, name: AccountsTable.TableName },
    stop: async () => {
      client.destroy();
      await engine.stop();
    },
  };
}
