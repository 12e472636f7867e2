import { ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { engineNamed, type TestEngine } from "../support/engines.ts";
import { Cloud } from "./cloud.ts";
import { type Packaged, packageService } from "./packaged.ts";
import { serverless } from "./serverless.ts";
import type { StandIn } from "./stand-in.ts";

const SECRET = "/gotalk-dev/origin-secret";

let made: Promise<Packaged> | undefined;
/** What the tests deploy is made once: a deployment only reads it. */
const thePackage = (): Promise<Packaged> => (made ??= packageService());

/** dynalite knows no deletion protection. */
const kind = engineNamed("dynoxide");

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

  const TARGET = "Target: stage dev in eu-central-1, AWS account 123456789012";

  it("remove takes all away but the data, and a second time with --delete-data also that", async () => {
    cloud.parameters.values.set(SECRET, { Value: "secret", Type: "String", Tags: [] });
    cloud.objects.put("index.html");
    cloud.files.put("F0n8c1gmD3rD0Zk2bqJtPz");
    expect(await run("remove")).toContain("The data is kept");
    expect(cloud.files.objects.size).toBe(1);
    expect(cloud.stacks.outputs).toBeUndefined();
    expect(cloud.objects.objects.size).toBe(0);
    expect(cloud.parameters.values.size).toBe(0);
    expect(await tables()).toHaveLength(2);

    expect(await run("remove", "--delete-data", "--yes")).toContain("The data is deleted");
    expect(await tables()).toEqual([]);
    expect(cloud.files.isThere).toBe(false);
    // And when there is nothing left at all.
    expect(await run("remove", "--delete-data", "--yes")).toContain("The data is deleted");
  });

  it("remove keeps everything when the deletion of the data is not confirmed", async () => {
    cloud.objects.put("index.html");
    await expect(run("remove", "--delete-data")).rejects.toThrow("Nothing was removed");
    expect(cloud.stacks.outputs).toBeDefined();
    expect(cloud.objects.objects.size).toBe(1);
    expect(await tables()).toHaveLength(2);
  });

  /** What an interrupted removal, an impatient one by hand, or another tool leaves behind. */
  it.each<[string, (left: Cloud) => void]>([
    ["the page's bucket is gone", ({ objects }) => (objects.isThere = false)],
    ["both buckets are gone", ({ objects, packages }) => (objects.isThere = packages.isThere = false)],
    ["the secret is gone", ({ parameters }) => parameters.values.clear()],
    ["the last removal failed", ({ stacks }) => (stacks.status = "DELETE_FAILED")],
    [
      "the last removal failed after it had deleted the page's bucket",
      ({ stacks, objects }) => {
        stacks.status = "DELETE_FAILED";
        objects.isThere = false;
      },
    ],
    ["the last removal still goes on", ({ stacks }) => stacks.coming.push("DELETE_IN_PROGRESS", "gone")],
    [
      "an update still goes on",
      ({ stacks }) => stacks.coming.push("UPDATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "UPDATE_COMPLETE"),
    ],
    [
      "the stack was never made to the end",
      ({ stacks }) => Object.assign(stacks, { status: "REVIEW_IN_PROGRESS", outputs: {} }),
    ],
    ["somebody has put files into the bucket for packages", ({ packages }) => packages.put("left/by-somebody.txt")],
    [
      "somebody has switched versions on",
      ({ packages, objects }) => {
        packages.isVersioned = objects.isVersioned = true;
        objects.hidden.push({ key: "old.js", versionId: "v0", isMarker: false });
      },
    ],
  ])("remove finishes when %s", async (_, damage) => {
    cloud.parameters.values.set(SECRET, { Value: "secret", Type: "String", Tags: [] });
    cloud.objects.put("index.html");
    cloud.packages.put("serverless/gotalk/dev/1/sync.zip");
    damage(cloud);
    expect(await run("remove")).toContain("The data is kept");
    expect(cloud.stacks.outputs).toBeUndefined();
    expect(cloud.parameters.values.size).toBe(0);
    expect(await tables()).toHaveLength(2);
  });

  it("remove names the target first, and does nothing when that cannot be known", async () => {
    cloud.isExpired = true;
    cloud.objects.put("index.html");
    await expect(run("remove")).rejects.toThrow("The security token included in the request is expired");
    expect(cloud.changes).toEqual([]);
    cloud.isExpired = false;
    expect(await run("remove")).toContain(TARGET);
  });

  it("deploy makes a stack anew that could not be made the last time", async () => {
    Object.assign(cloud.stacks, { status: "ROLLBACK_COMPLETE", outputs: {} });
    const { folder } = await thePackage();
    await expect(run("deploy", "--package", folder)).rejects.toThrow("This account makes no stacks.");
    expect(cloud.stacks.changeSets.map((changeSet) => changeSet.get("ChangeSetType"))).toEqual(["CREATE"]);
  });

  it("deploy goes on although both buckets and the secret are gone", async () => {
    cloud.objects.isThere = false;
    cloud.packages.isThere = false;
    const { folder } = await thePackage();
    await expect(run("deploy", "--package", folder)).rejects.toThrow("This account makes no stacks.");
    // So far it came: the package is uploaded, and the stack is to be updated.
    expect(cloud.stacks.changeSets.map((changeSet) => changeSet.get("ChangeSetType"))).toEqual(["UPDATE"]);
    expect([...cloud.packages.objects.keys()].some((key) => key.endsWith("/sync.zip"))).toBe(true);
    expect(cloud.objects.policy).toContain("OnlyThisDistributionReads");
    expect(cloud.parameters.values.get(SECRET)?.Value).toBe(cloud.distributions.secret);
  });

  it("deploy takes no package of another stage", async () => {
    const { folder } = await packageService({}, "us-east-1");
    const deploying = run("deploy", "--package", folder);
    await expect(deploying).rejects.toThrow("The package was made for stage dev in us-east-1.");
    await expect(deploying).rejects.toThrow(TARGET);
    expect(cloud.changes).toEqual([]);
  });

  it("deploy makes the secret before the stack, and has it take in the tables that are there", async () => {
    cloud.stacks.outputs = undefined;
    const { folder } = await thePackage();
    await expect(run("deploy", "--package", folder)).rejects.toThrow("This account makes no stacks.");
    expect(cloud.parameters.values.get(SECRET)?.Tags).toEqual([
      { Key: "service", Value: "gotalk" },
      { Key: "stage", Value: "dev" },
    ]);
    expect(cloud.stacks.changeSets.map((changeSet) => changeSet.get("ImportExistingResources"))).toEqual(["true"]);
  });
});
