import { ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { engines, type TestEngine } from "../support/engines.ts";
import { Cloud } from "./cloud.ts";
import { packageService } from "./packaged.ts";
import { serverless } from "./serverless.ts";
import type { StandIn } from "./stand-in.ts";

const SECRET = "/gotalk-dev/origin-secret";
const SLOW = { timeout: 240_000 };

/** dynalite knows no deletion protection. */
const kind = engines.find(({ name }) => name === "dynoxide");

/** The framework itself, so that what it calls is what it calls on AWS. */
describe.runIf(kind !== undefined)("the commands of the operator", () => {
  let engine: TestEngine;
  let cloud: Cloud;
  let aws: StandIn;

  beforeEach(async () => {
    if (kind) engine = await kind.start();
    cloud = new Cloud(engine);
    aws = await cloud.start();
  });
  afterEach(async () => {
    aws.stop();
    await engine.stop();
  });

  const run = (...parameters: string[]): Promise<string> =>
    serverless(parameters, {
      AWS_ENDPOINT_URL: aws.config.endpoint,
      AWS_ACCESS_KEY_ID: "local",
      AWS_SECRET_ACCESS_KEY: "local",
      SLS_AWS_MONITORING_FREQUENCY: "10",
    });
  const tables = async () => (await engine.client.send(new ListTablesCommand())).TableNames;

  it("remove takes all away but the data, and a second time with --delete-data also that", SLOW, async () => {
    cloud.parameters.values.set(SECRET, { Value: "secret", Type: "String", Tags: [] });
    cloud.objects.objects.set("index.html", { content: Buffer.of(), type: "", cacheControl: "", changedAt: 0 });
    expect(await run("remove")).toContain("The data is kept");
    expect(cloud.stacks.outputs).toBeUndefined();
    expect(cloud.objects.objects.size).toBe(0);
    expect(cloud.parameters.values.size).toBe(0);
    expect(await tables()).toHaveLength(2);

    expect(await run("remove", "--delete-data", "--yes")).toContain("The data is deleted");
    expect(await tables()).toEqual([]);
    // And when there is nothing left at all.
    expect(await run("remove", "--delete-data", "--yes")).toContain("The data is deleted");
  });

  it("remove keeps everything when the deletion of the data is not confirmed", SLOW, async () => {
    cloud.objects.objects.set("index.html", { content: Buffer.of(), type: "", cacheControl: "", changedAt: 0 });
    await expect(run("remove", "--delete-data")).rejects.toThrow("Nothing was removed");
    expect(cloud.stacks.outputs).toBeDefined();
    expect(cloud.objects.objects.size).toBe(1);
    expect(await tables()).toHaveLength(2);
  });

  it("deploy makes the secret before the stack, and has it take in the tables that are there", SLOW, async () => {
    cloud.stacks.outputs = undefined;
    const { folder } = await packageService();
    await expect(run("deploy", "--package", folder)).rejects.toThrow("This account makes no stacks.");
    expect(cloud.parameters.values.get(SECRET)?.Tags).toEqual([
      { Key: "service", Value: "gotalk" },
      { Key: "stage", Value: "dev" },
    ]);
    expect(cloud.stacks.changeSets.map((changeSet) => changeSet.get("ImportExistingResources"))).toEqual(["true"]);
  });
});
