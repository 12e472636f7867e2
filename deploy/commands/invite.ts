import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { Invites } from "../../lib/accounts/invites.ts";
import { LIMITS } from "../../lib/contract/limits.ts";
import { openDataFolder } from "../../local/data-folder.ts";
import { useExternal } from "../../local/database.ts";
import { completeSdkSettings } from "../../local/environment.ts";
import { openLocalDatabase } from "../../local/running-engine.ts";
import { declaredTables } from "../../stack/tables.ts";
import { explained } from "./explained.ts";
import { nameDeployment, nameThisMachine, requireOwnOptions } from "./target.ts";

/*
 * npm run invite                                    one code for the local stack, whether it runs or not
 * npm run invite -- --stage STAGE [--region REGION] one for a deployment, with your own AWS credentials
 *   --count N   so many codes; 1 by default
 *   --days D    they expire after so many days; 7 by default
 *
 * Prints the codes, one a line, and nothing else on stdout; first of all, on stderr, where they count. Only their hashes are
 * stored: they cannot be shown again.
 */

const USAGE = "usage: npm run invite -- [--stage STAGE [--region REGION]] [--count N] [--days D]";
const DAY = 24 * 60 * 60 * 1_000;
const REGION = "us-east-1";

interface Options {
  readonly stage: string | undefined;
  readonly region: string;
  readonly count: number;
  readonly days: number;
}

const options = optionsOf(process.argv.slice(2));
try {
  const codes = await (options.stage === undefined ? inviteLocally(options) : inviteTo(options.stage, options));
  console.error(`Each code is for one registration, within ${options.days} days:`);
  for (const code of codes) console.log(code);
} catch (error) {
  console.error(`No invite code was made: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}

function optionsOf(args: string[]): Options {
  try {
    requireOwnOptions();
    const text = { type: "string" } as const;
    const { values } = parseArgs({ args, options: { stage: text, region: text, count: text, days: text } });
    if (values.region !== undefined && values.stage === undefined) throw new Error("--region needs a --stage");
    return {
      stage: values.stage,
      region: values.region ?? (process.env["AWS_REGION"] || REGION),
      count: number("--count", values.count ?? "1", LIMITS.invites.atOnce),
      days: number("--days", values.days ?? "7", LIMITS.invites.days),
    };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
    process.exit(2);
  }
}

function number(name: string, value: string, most: number): number {
  if (/^[1-9]\d{0,3}$/.test(value) && Number(value) <= most) return Number(value);
  throw new Error(`${name} must be a whole number from 1 to ${most}`);
}

async function inviteLocally(options: Options): Promise<string[]> {
  const tables = declaredTables();
  const external = process.env["AWS_ENDPOINT_URL_DYNAMODB"];
  const folder = resolve(process.env["GOTALK_DATA"] || ".local");
  nameThisMachine(folder, external);
  completeSdkSettings(options.region, external);
  if (!external) openDataFolder(folder);
  const engine = await (external ? useExternal(external, tables) : openLocalDatabase(folder, tables));
  try {
    return await create(tables["AccountsTable"]?.TableName ?? "", options, engine.endpoint);
  } finally {
    await engine.stop();
  }
}

async function inviteTo(stage: string, options: Options): Promise<string[]> {
  const table = declaredTables(stage)["AccountsTable"]?.TableName ?? "";
  try {
    await nameDeployment(stage, options.region);
    return await create(table, options);
  } catch (error) {
    throw explained(error, table, options.region);
  }
}

async function create(table: string, { region, count, days }: Options, endpoint?: string): Promise<string[]> {
  const client = new DynamoDBClient({ region, ...(endpoint !== undefined && { endpoint }) });
  const invites = new Invites({ database: client, name: table }, Date.now);
  try {
    return await Promise.all(Array.from({ length: count }, () => invites.create(Date.now() + days * DAY)));
  } finally {
    client.destroy();
  }
}
