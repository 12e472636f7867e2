import { DeleteTableCommand, ListTablesCommand, UpdateTableCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { deleteTables } from "../../deploy/data.ts";
import { engineNamed, type TestEngine } from "../support/engines.ts";
import { jsonOperation, type Reply, startStandIn } from "./stand-in.ts";

/** dynalite knows no deletion protection. */
const kind = engineNamed("dynoxide");

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
  /** The changes that it was asked for: `refused` while another one goes on. */
  readonly changes: string[] = [];
  isProtected = true;
  #status: string;
  /** What a look still shows: DynamoDB says a moment later that something has begun. */
  #shown: string;

  constructor(status: string) {
    this.#status = status;
    this.#shown = status;
  }

  get isGone(): boolean {
    return this.#shown === "gone";
  }

  answer(operation = ""): Reply {
    if (operation === "DescribeTable") return this.#look();
    const isRefused = this.#status !== "ACTIVE" || (operation === "DeleteTable" && this.isProtected);
    this.changes.push(isRefused ? "refused" : operation);
    if (isRefused) {
      return json({ __type: "ResourceInUseException" }, 400);
    }
    if (operation === "UpdateTable") this.isProtected = false;
    this.#status = operation === "UpdateTable" ? "UPDATING" : "DELETING";
    return json({});
  }

  /** Whatever goes on is over two looks later. */
  #look(): Reply {
    if (this.#shown === "gone") return json({ __type: "ResourceNotFoundException" }, 400);
    const seen = json({ Table: { TableStatus: this.#shown, DeletionProtectionEnabled: this.isProtected } });
    if (this.#shown !== this.#status) this.#shown = this.#status;
    else if (this.#status !== "ACTIVE") this.#status = this.#shown = this.#status === "DELETING" ? "gone" : "ACTIVE";
    return seen;
  }
}

const json = (body: object, status = 200): Reply => ({
  status,
  type: "application/x-amz-json-1.0",
  body: JSON.stringify(body),
});

describe("a table that a run before has left half-way", () => {
  const changesOf = async (table: SlowTable): Promise<string[]> => {
    const aws = await startStandIn((call) => table.answer(jsonOperation(call)));
    await deleteTables(["channels"], aws.config, 1);
    aws.stop();
    expect(table.isGone).toBe(true);
    return table.changes;
  };

  it.each(["ACTIVE", "UPDATING", "CREATING"])("%s and protected: it is deleted when that is done", async (status) => {
    expect(await changesOf(new SlowTable(status))).toEqual(["UpdateTable", "refused", "DeleteTable", "refused"]);
  });

  it("UPDATING and not protected any more: it is deleted, and not changed again", async () => {
    const table = new SlowTable("UPDATING");
    table.isProtected = false;
    expect(await changesOf(table)).toEqual(["DeleteTable", "refused"]);
  });

  it("DELETING: it is waited for, and nothing is asked of it", async () => {
    expect(await changesOf(new SlowTable("DELETING"))).toEqual([]);
  });
});
