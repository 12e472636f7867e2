import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
  type DynamoDBClient,
  ResourceInUseException,
  ResourceNotFoundException,
  type TimeToLiveSpecification,
  UpdateTimeToLiveCommand,
} from "@aws-sdk/client-dynamodb";
import { parse } from "yaml";

const CREATION_POLL_MS = 20;

/** What CloudFormation's `AWS::DynamoDB::Table` says in `deploy/tables.yml`, as far as a local engine understands it. */
type TableProperties = Pick<CreateTableCommandInput, "AttributeDefinitions" | "KeySchema"> & {
  TableName: string;
  TimeToLiveSpecification?: TimeToLiveSpecification;
};

/** The tables by their logical ids. */
export type Tables = Record<string, TableProperties>;

interface Resource {
  Type: string;
  Properties: unknown;
}

/** Picks the tables out of the resources of `serverless.yml`. */
export function tablesIn(resources: Record<string, unknown>): Tables {
  const tables = Object.entries(resources as Record<string, Resource>).filter(
    ([, { Type }]) => Type === "AWS::DynamoDB::Table",
  );
  return Object.fromEntries(tables.map(([id, { Properties }]) => [id, Properties as TableProperties]));
}

/** The tables as declared, read from the file itself, for those who run without the framework. */
export function declaredTables(stage = "dev"): Tables {
  const read = (name: string): string => readFileSync(new URL(`../${name}`, import.meta.url), "utf8");
  const { service } = parse(read("serverless.yml"));
  const text = read("deploy/tables.yml").replaceAll("${sls:stage}", stage).replaceAll("${self:service}", service);
  return tablesIn(parse(text).Resources);
}

/**
 * Creates what is missing, and waits until each table can be used.
 *
 * Encryption and backups are left out: no local engine knows them, and on AWS the deployment sets them.
 */
export async function createTables(client: DynamoDBClient, tables: Tables): Promise<void> {
  for (const table of Object.values(tables)) {
    const missing = (await status(client, table.TableName)) === undefined;
    if (missing) await create(client, table);
    while ((await status(client, table.TableName)) !== "ACTIVE") await sleep(CREATION_POLL_MS);
    if (missing) await setTimeToLive(client, table);
  }
}

async function status(client: DynamoDBClient, name: string): Promise<string | undefined> {
  try {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: name }));
    return Table?.TableStatus;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

async function create(client: DynamoDBClient, table: TableProperties): Promise<void> {
  const { TableName, AttributeDefinitions, KeySchema } = table;
  const input: CreateTableCommandInput = { TableName, AttributeDefinitions, KeySchema, BillingMode: "PAY_PER_REQUEST" };
  try {
    await client.send(new CreateTableCommand(input));
  } catch (error) {
    // Another start was faster.
    if (!(error instanceof ResourceInUseException)) throw error;
  }
}

async function setTimeToLive(client: DynamoDBClient, table: TableProperties): Promise<void> {
  const { TableName, TimeToLiveSpecification } = table;
  if (TimeToLiveSpecification === undefined) return;
  try {
    await client.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }));
  } catch (error) {
    // dynalite keeps expired items; goTalk checks `expiresAt` on every read anyway.
    if (!(error instanceof Error && error.name === "UnknownOperationException")) throw error;
  }
}
