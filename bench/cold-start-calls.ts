import {
  BatchGetItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
} from "@aws-sdk/client-dynamodb";
import type { PlannedCall } from "./cold-start.ts";

/** A fresh process: loads the SDK's client, makes the calls that a function would make, and tells when it was done. */
const [, , plan = ""] = process.argv;
const client = new DynamoDBClient();
for (const together of JSON.parse(plan) as PlannedCall[][]) await Promise.all(together.map(make));
process.send?.({ time: performance.now(), ok: true });
process.disconnect?.();

function make({ command, input }: PlannedCall): Promise<unknown> {
  if (command === "BatchGetItemCommand") return client.send(new BatchGetItemCommand(input as never));
  if (command === "GetItemCommand") return client.send(new GetItemCommand(input as never));
  if (command === "PutItemCommand") return client.send(new PutItemCommand(input as never));
  if (command === "QueryCommand") return client.send(new QueryCommand(input as never));
  throw new Error(`a first event makes no ${command}`);
}
