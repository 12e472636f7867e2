import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { StoredKeyRing } from "../../lib/tokens/stored-key-ring.ts";
import { rotateTokenKey } from "../../local/token-key.ts";
import { declaredTables } from "../../stack/tables.ts";
import { explained } from "./explained.ts";
import { nameDeployment, nameThisMachine, requireOwnOptions } from "./target.ts";

/*
 * npm run rotate-key                                    the local stack's key
 * npm run rotate-key -- --stage STAGE [--region REGION] that of a deployment, with your own AWS credentials
 *
 * Tokens are encrypted with a new key from then on. Nobody is logged out: older keys stay until their last token expires.
 */

const USAGE = "usage: npm run rotate-key [-- --stage STAGE [--region REGION]]";

try {
  const { stage, region } = optionsOf(process.argv.slice(2));
  console.log(stage === undefined ? rotateLocally() : await rotateOn(stage, region));
} catch (error) {
  console.error(`The token key was not rotated: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}

function optionsOf(args: string[]): { stage: string | undefined; region: string } {
  try {
    requireOwnOptions();
    const { values } = parseArgs({ args, options: { stage: { type: "string" }, region: { type: "string" } } });
    if (values.region !== undefined && values.stage === undefined) throw new Error("--region needs a --stage");
    return { stage: values.stage, region: values.region ?? (process.env["AWS_REGION"] || "us-east-1") };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
    process.exit(2);
  }
}

function rotateLocally(): string {
  const folder = resolve(process.env["GOTALK_DATA"] || ".local");
  nameThisMachine(folder);
  rotateTokenKey(folder, Date.now());
  return `There is a new token key in ${folder}. The next start uses it; nobody is logged out.`;
}

async function rotateOn(stage: string, region: string): Promise<string> {
  const table = declaredTables(stage)["AccountsTable"]?.TableName ?? "";
  const client = new DynamoDBClient({ region });
  try {
    await nameDeployment(stage, region);
    const { from, isNew } = await new StoredKeyRing({ database: client, name: table }, Date.now).rotate();
    const time = new Date(from).toISOString();
    return isNew
      ? `There is a new token key in ${table}. Tokens are encrypted with it from ${time} on, when all functions know it; nobody is logged out.`
      : `Nothing is changed in ${table}: a new key comes into use at ${time} already.`;
  } catch (error) {
    throw explained(error, table, region);
  } finally {
    client.destroy();
  }
}
