import { DeleteTableCommand, ListTablesCommand, UpdateTableCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { deleteTables } from "../../deploy/data.ts";
import { engines, type TestEngine } from "../support/engines.ts";
import { jsonOperation, type Reply, startStandIn } from "./stand-in.ts";

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

/** A protected table as AWS has it: what it is to become takes it a while, in which it refuses all else. */
class SlowTable {
  readonly asked: string[] = [];
  #status = "ACTIVE";
  #isProtected = true;

  answer(operation = ""): Reply {
    this.asked.push(`${operation}: ${this.#status}`);
    if (operation === "DescribeTable") return this.#look();
    if (this.#status !== "ACTIVE" || (operation === "DeleteTable" && this.#isProtected)) {
      return json({ __type: "ResourceInUseException" }, 400);
    }
    if (operation === "UpdateTable") this.#isProtected = false;
    this.#status = operation === "UpdateTable" ? "UPDATING" : "gone";
    return json({});
  }

  /** Whoever looks once finds it done the next time. */
  #look(): Reply {
    if (this.#status === "gone") return json({ __type: "ResourceNotFoundException" }, 400);
    const seen = json({ Table: { TableStatus: this.#status } });
    this.#status = "ACTIVE";
    return seen;
  }
}

const json = (body: object, status = 200): Reply => ({
  status,
  type: "application/x-amz-json-1.0",
  body: JSON.stringify(body),
});

describe("a table whose protection is being taken away", () => {
  it("is deleted when that is done, and not before", async () => {
    const table = new SlowTable();
    const aws = await startStandIn((call) => table.answer(jsonOperation(call)));
    await deleteTables(["channels"], aws.config);
    aws.stop();
    expect(table.asked).toEqual([
      "UpdateTable: ACTIVE",
      "DescribeTable: UPDATING",
      "DescribeTable: ACTIVE",
      "DeleteTable: ACTIVE",
      "DescribeTable: gone",
    ]);
  });
});
