import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { createDatabase } from "../../lib/database/database.ts";

/** The endpoint of the engine that a running stack has in its data folder. */
export const engineOf = (data: string): string => readFileSync(join(data, "engine"), "utf8").trim();

/** A client of that engine. */
export const databaseOf = (data: string): DynamoDBClient => databaseAt(engineOf(data));

/** A client of an engine that takes every credential. */
export const databaseAt = (endpoint: string): DynamoDBClient =>
  createDatabase(() => {}, {
    endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
