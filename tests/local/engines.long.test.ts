import { existsSync } from "node:fs";
import { join } from "node:path";
import { DeleteTableCommand, DescribeTableCommand, QueryCommand } from "@aws-sdk/client-dynamodb";
import { expect, onTestFinished, test } from "vitest";
import { declaredTables } from "../../stack/tables.ts";
import { engines } from "../support/engines.ts";
import { newcomer } from "../support/people.ts";
import { start } from "./stacks.ts";

test.each(engines)("uses $name at AWS_ENDPOINT_URL_DYNAMODB, and makes the tables that are missing", async (kind) => {
  const engine = await kind.start();
  onTestFinished(() => engine.stop());
  await engine.client.send(new DeleteTableCommand({ TableName: engine.tables.channels }));

  const stack = await start({ env: { AWS_ENDPOINT_URL_DYNAMODB: engine.endpoint } });
  const { id, client } = await newcomer(stack.url);
  await client.send({ to: id, content: "elsewhere" });
  expect(existsSync(join(stack.data, "dynamodb"))).toBe(false);
  const stored = await engine.client.send(
    new QueryCommand({
      TableName: engine.tables.channels,
      KeyConditionExpression: "receiverId = :id",
      ExpressionAttributeValues: { ":id": { S: id } },
    }),
  );
  expect(stored.Count).toBe(1);
});

test.each(engines)("creates the tables on $name as serverless.yml declares them", async (kind) => {
  const engine = await kind.start();
  onTestFinished(() => engine.stop());
  for (const { TableName, KeySchema, AttributeDefinitions } of Object.values(declaredTables())) {
    const { Table } = await engine.client.send(new DescribeTableCommand({ TableName }));
    expect(Table).toMatchObject({ TableName, KeySchema, AttributeDefinitions, TableStatus: "ACTIVE" });
  }
});

test("two stacks run side by side, each with its own people", async () => {
  const [left, right] = [await start(), await start()];
  const { username, client } = await newcomer(left.url);
  const stranger = await newcomer(right.url);
  expect(await client.find(username)).toMatchObject({ username });
  await expect(stranger.client.find(username)).rejects.toMatchObject({ status: 404 });
});
