import { chmodSync, statSync } from "node:fs";
import { join } from "node:path";
import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { Level } from "level";
import { beforeAll, expect, test } from "vitest";
import { startEmbedded } from "../../local/database.ts";
import { completeSdkSettings } from "../../local/environment.ts";
import { declaredTables } from "../../stack/tables.ts";
import { temporaryFolder } from "../support/folders.ts";

beforeAll(() => completeSdkSettings("us-east-1"));

test("a table that a kill left in CREATING can be used after the next start", async () => {
  const folder = temporaryFolder();
  const tables = declaredTables();
  const [{ TableName }] = Object.values(tables) as [{ TableName: string }];
  await (await startEmbedded(folder, tables)).stop();
  await leaveHalfMade(folder, TableName);

  const engine = await startEmbedded(folder, tables);
  const client = new DynamoDBClient({ endpoint: engine.endpoint });
  const Item = { receiverId: { S: "alice" }, position: { S: "1" } };
  await expect(client.send(new PutItemCommand({ TableName, Item }))).resolves.toBeDefined();
  client.destroy();
  await engine.stop();
});

test("nobody else can read what is stored, even in a folder that is open to all", async () => {
  const folder = temporaryFolder();
  chmodSync(folder, 0o755);
  await (await startEmbedded(folder, declaredTables())).stop();
  const others = 0o077;
  expect(statSync(join(folder, "dynamodb")).mode & others).toBe(0);
});

test("an engine whose tables cannot be made lets go of the files", async () => {
  const folder = temporaryFolder();
  const tables = declaredTables();
  const [[id, table]] = Object.entries(tables) as [[string, (typeof tables)[string]]];
  await expect(startEmbedded(folder, { ...tables, [id]: { ...table, KeySchema: [] } })).rejects.toThrow();
  await (await startEmbedded(folder, tables)).stop();
});

async function leaveHalfMade(folder: string, table: string): Promise<void> {
  const store = new Level<string, object>(join(folder, "dynamodb"), { valueEncoding: "json" });
  const record = await store.get(`table~${table}`);
  await store.put(`table~${table}`, { ...record, TableStatus: "CREATING" });
  await store.close();
}
