import { DynamoDBClient, PutItemCommand, QueryCommand } from "@aws-sdk/client-dynamodb";
import { AbstractLevel } from "abstract-level";
import { expect, onTestFinished, test, vi } from "vitest";
import { type Engine, startDynalite } from "../../local/engine.ts";
import { createTables, declaredTables } from "../../stack/tables.ts";
import { eventually } from "../support/eventually.ts";
import { temporaryFolder } from "../support/folders.ts";

test.each([
  ["in memory", (): Promise<Engine> => startDynalite()],
  ["in files", (): Promise<Engine> => startDynalite(temporaryFolder())],
])("an engine %s keeps nothing open that a query has read with", async (_, start) => {
  const open = new Set<object>();
  const { attachResource, detachResource } = AbstractLevel.prototype;
  vi.spyOn(AbstractLevel.prototype, "attachResource").mockImplementation(function (this: unknown, resource) {
    open.add(resource);
    attachResource.call(this, resource);
  });
  vi.spyOn(AbstractLevel.prototype, "detachResource").mockImplementation(function (this: unknown, resource) {
    open.delete(resource);
    detachResource.call(this, resource);
  });
  onTestFinished(() => void vi.restoreAllMocks());
  const attached = vi.mocked(AbstractLevel.prototype.attachResource);
  const engine = await start();
  const client = new DynamoDBClient({
    endpoint: engine.endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
  onTestFinished(async () => {
    client.destroy();
    await engine.stop();
  });
  const { ChannelsTable } = declaredTables();
  if (ChannelsTable === undefined) throw new Error("serverless.yml lacks the table of channels");
  await createTables(client, { ChannelsTable });
  const { TableName } = ChannelsTable;
  for (const position of ["a", "b", "c"]) {
    await client.send(new PutItemCommand({ TableName, Item: { receiverId: { S: "r" }, position: { S: position } } }));
  }

  for (const Limit of [1, 2, 10]) {
    const { Count } = await client.send(
      new QueryCommand({
        TableName,
        Limit,
        KeyConditionExpression: "receiverId = :id",
        ExpressionAttributeValues: { ":id": { S: "r" } },
      }),
    );
    expect(Count).toBe(Math.min(Limit, 3));
  }
  expect(attached.mock.calls.length).toBeGreaterThanOrEqual(3);
  await eventually(() => expect(open.size).toBe(0));
});
