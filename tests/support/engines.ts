import { fork } from "node:child_process";
import { once } from "node:events";
import type { Server } from "node:http";
import { fileURLToPath } from "node:url";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { AccountsTable } from "../../lib/database/accounts-table.ts";
import { listenOpenly, startDynalite } from "../../local/engine.ts";
import { createTables, declaredTables } from "../../stack/tables.ts";
import { findDynoxide, launchDynoxide, type RunningEngine } from "./dynoxide.ts";
import { freePort } from "./ports.ts";
import { inProcess, overHttp, shortLine } from "./short-line.ts";

const CHILD = fileURLToPath(new URL("engine-child.ts", import.meta.url));
const CREDENTIALS = { accessKeyId: "test", secretAccessKey: "test" };

/** A DynamoDB engine with goTalk's tables, empty and in memory. */
export interface TestEngine {
  readonly name: string;
  readonly endpoint: string;
  readonly client: DynamoDBClient;
  /** The tables' names. */
  readonly tables: { readonly channels: string; readonly accounts: string };
  /** The table `accounts`, as its stores are given it. */
  readonly accounts: AccountsTable;
  /** Whether `client` leaves out the SDK's middleware. */
  readonly isClose: boolean;
  stop(): Promise<void>;
}

/**
 * How near an engine is. dynoxide is always in a process of its own.
 * - `close`: dynalite in this process, and a client of ours that leaves out the SDK's middleware and, there, HTTP. A call takes
 *   a third of the time. The functions of a test have it too, unless something lies between them and the engine.
 * - `here`: dynalite in this process, and the SDK's client over HTTP, for tests of what a store has to do with that client.
 * - `apart`: each in a process of its own, so that its work is not counted as the caller's.
 */
type Distance = "close" | "here" | "apart";

/** An engine that is installed; `describe.each(engines)` runs tests on each. */
interface EngineKind {
  readonly name: string;
  start(distance?: Distance): Promise<TestEngine>;
}

const installed: readonly EngineKind[] = ["dynalite", ...dynoxide()].map((name) => ({
  name,
  start: (distance) => startEngine(name, distance),
}));

/**
 * Every engine that is installed: dynalite always, dynoxide where its binary is. TEST_ENGINES=one takes the first alone,
 * TEST_ENGINES=other all but it.
 */
export const engines: readonly EngineKind[] = chosen(process.env["TEST_ENGINES"]);

/** The engine of this name, if it is installed, whatever TEST_ENGINES says: for tests that only this one can do. */
export const engineNamed = (name: string): EngineKind | undefined => installed.find((kind) => kind.name === name);

function chosen(wanted: string | undefined): readonly EngineKind[] {
  if (wanted === "one") return installed.slice(0, 1);
  return wanted === "other" ? installed.slice(1) : installed;
}

function dynoxide(): string[] {
  if (findDynoxide() !== undefined) return ["dynoxide"];
  console.warn("dynoxide is not installed here: its tests are skipped.");
  return [];
}

/**
 * Starts an engine with goTalk's tables.
 *
 * @param name one that is installed; without it, the one that always is
 */
export async function startEngine(name = "dynalite", distance: Distance = "close"): Promise<TestEngine> {
  const names = installed.map((kind) => kind.name);
  if (!names.includes(name)) throw new Error(`There is no engine ${name} here, but ${names.join(" and ")}.`);
  const { endpoint, server, stop } = name === "dynalite" ? await launchDynalite(distance) : await launchOther();
  const line =
    distance === "close" && server ? inProcess(server) : { carry: overHttp(endpoint), close: async () => {} };
  const sdk = new DynamoDBClient({ endpoint, region: "us-east-1", credentials: CREDENTIALS });
  const client = distance === "close" ? shortLine(line.carry, sdk.config) : sdk;
  const { ChannelsTable, AccountsTable } = declaredTables();
  if (ChannelsTable === undefined || AccountsTable === undefined) throw new Error("serverless.yml lacks a table");
  await createTables(client, { ChannelsTable, AccountsTable });
  return {
    name,
    endpoint,
    client,
    tables: { channels: ChannelsTable.TableName, accounts: AccountsTable.TableName },
    accounts: { database: client, name: AccountsTable.TableName },
    isClose: distance === "close",
    stop: async () => {
      client.destroy();
      await line.close();
      await stop();
    },
  };
}

/** An engine without tables. */
interface Launched extends RunningEngine {
  /** Its server, if it is in this process. */
  readonly server?: Server | undefined;
}

const launchOther = async (): Promise<Launched> => launchDynoxide(await freePort());

async function launchDynalite(distance: Distance): Promise<Launched> {
  if (distance === "apart") return forkDynalite();
  const own: { server?: Server } = {};
  const { endpoint, stop } = await startDynalite(undefined, (server) => {
    own.server = server;
    return listenOpenly(server);
  });
  return { endpoint, stop, server: own.server };
}

async function forkDynalite(): Promise<Launched> {
  const child = fork(CHILD);
  const [endpoint] = (await once(child, "message")) as [string];
  return {
    endpoint,
    stop: async () => {
      const exited = once(child, "exit");
      child.disconnect();
      await exited;
    },
  };
}
