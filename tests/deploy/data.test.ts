import { DeleteTableCommand, ListTablesCommand, UpdateTableCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { deleteTables } from "../../deploy/data.ts";
import { engines, type TestEngine } from "../support/engines.ts";

/** dynalite knows no deletion protection. */
const kind = engines.find(({ name }) => name === "dynoxide");

describe.runIf(kind !== undefined)("the data, when it is to be deleted", () => {
  let engine: TestEngine;

  beforeAll(async () => {
    if (kind) engine = await kind.start();
  });
  afterAll(() => engine?.stop());

  it("goes although it is protected, and a second time there is nothing to do", async () => {
    const config = {
      endpoint: engine.endpoint,
      region: "us-east-1",
      credentials: { accessKeyId: "local", secretAccessKey: "local" },
    };
    const { channels, accounts } = engine.tables;
    const tables = async () => (await engine.client.send(new ListTablesCommand())).TableNames;
    await engine.client.send(new UpdateTableCommand({ TableName: channels, DeletionProtectionEnabled: true }));
    await expect(engine.client.send(new DeleteTableCommand({ TableName: channels }))).rejects.toThrow();
    await deleteTables([channels], config);
    expect(await tables()).toEqual([accounts]);
    await deleteTables([channels, accounts], config);
    expect(await tables()).toEqual([]);
  });
});
