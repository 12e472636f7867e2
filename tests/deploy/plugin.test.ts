import { ListTablesCommand } from "@aws-sdk/client-dynamodb";
import type { Serverless } from "serverless-offline";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import Deployment from "../../deploy/plugin.ts";
import { pageFiles } from "../../local/page-files.ts";
import { declaredTables } from "../../local/tables.ts";
import { engines, type TestEngine } from "../support/engines.ts";
import { Cloud } from "./cloud.ts";
import type { StandIn } from "./stand-in.ts";

const SECRET = "/gotalk-dev/origin-secret";
const DOMAIN = "chat.example.org";
const CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d";

/** dynalite knows no deletion protection. */
const kind = engines.find(({ name }) => name === "dynoxide");

describe.runIf(kind !== undefined)("what a deployment does beyond CloudFormation", () => {
  let engine: TestEngine;
  let cloud: Cloud;
  let aws: StandIn;
  let said: string;
  /** Where the stack is. */
  let region: string;
  /** What the framework asks CloudFormation for. */
  let changeSet: (() => Record<string, unknown>) | undefined;

  beforeEach(async () => {
    if (kind) engine = await kind.start();
    cloud = new Cloud(engine);
    aws = await cloud.start();
    said = "";
    region = "eu-central-1";
    vi.spyOn(process.stdout, "write").mockImplementation((text) => {
      said += text;
      return true;
    });
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
    aws.stop();
    await engine.stop();
  });

  /** The framework's part in it, as far as the plugin sees it. */
  function framework(): Serverless {
    const deploy = { getCreateChangeSetParams: (): Record<string, unknown> => ({ StackName: "gotalk-dev" }) };
    changeSet = () => deploy.getCreateChangeSetParams();
    const tables = Object.entries(declaredTables()).map(([id, Properties]) => [
      id,
      { Type: "AWS::DynamoDB::Table", Properties },
    ]);
    return {
      service: {
        provider: { stackTags: {}, region },
        resources: { Resources: Object.fromEntries(tables) },
        custom: { gotalk: { originSecret: SECRET } },
      },
      classes: { Error },
      pluginManager: { plugins: [{}, deploy] },
      getProvider: () => ({ naming: { getStackName: () => "gotalk-dev" }, getAwsSdkV3Config: async () => aws.config }),
    } as unknown as Serverless;
  }

  /** Runs the hooks in the order in which the framework does. */
  async function run(options: Record<string, unknown>, ...hooks: string[]): Promise<void> {
    const { hooks: own } = new Deployment(framework(), options);
    for (const hook of hooks) await (own[hook] as () => Promise<void>)();
  }

  const deploy = () => run({}, "before:aws:deploy:deploy:createStack", "after:deploy:deploy");
  const remove = (options: Record<string, unknown> = {}) => run(options, "before:remove:remove", "after:remove:remove");
  const tables = async () => (await engine.client.send(new ListTablesCommand())).TableNames;

  it("makes the secret, takes in tables that are there, uploads the page, and says where it is", async () => {
    await deploy();
    expect(cloud.parameters.values.has(SECRET)).toBe(true);
    expect(changeSet?.()).toEqual({ StackName: "gotalk-dev", ImportExistingResources: true });
    expect(cloud.objects.objects.size).toBe(pageFiles().length);
    const [forgotten = []] = cloud.forgotten;
    expect(forgotten).toEqual(expect.arrayContaining(["/", "/index.html", "/worker.js"]));
    expect(forgotten.filter((path) => path.startsWith("/assets/"))).toEqual([]);
    expect(said).toBe("goTalk is at https://d1.example.net\n");
  });

  it("says where the DNS record of a domain has to point to", async () => {
    vi.stubEnv("DOMAIN_NAME", DOMAIN);
    cloud.stacks.outputs = {
      ...cloud.stacks.outputs,
      Url: `https://${DOMAIN}`,
      DistributionDomain: "d1.cloudfront.example",
    };
    await deploy();
    expect(said).toBe(`goTalk is at https://${DOMAIN}\n  DNS  ${DOMAIN} must point to d1.cloudfront.example\n`);
  });

  it.each([
    [DOMAIN, "", "DOMAIN_NAME and CERTIFICATE_ARN belong together: set both, or none of them."],
    ["", CERTIFICATE, "DOMAIN_NAME and CERTIFICATE_ARN belong together: set both, or none of them."],
    [
      DOMAIN,
      CERTIFICATE.replace("us-east-1", "eu-central-1"),
      "CERTIFICATE_ARN must be a certificate in us-east-1: CloudFront takes no other.",
    ],
  ])("refuses the domain %o with the certificate %o", async (domain, certificate, message) => {
    vi.stubEnv("DOMAIN_NAME", domain);
    vi.stubEnv("CERTIFICATE_ARN", certificate);
    await expect(run({}, "before:package:initialize")).rejects.toThrow(message);
  });

  it.each([
    [DOMAIN, CERTIFICATE],
    ["", ""],
  ])("takes the domain %o with the certificate %o", async (domain, certificate) => {
    vi.stubEnv("DOMAIN_NAME", domain);
    vi.stubEnv("CERTIFICATE_ARN", certificate);
    await run({}, "before:package:initialize");
  });

  const OWN_ACL = "arn:aws:wafv2:us-east-1:123456789012:global/webacl/own/0a1b2c3d-4e5f";

  it.each([
    ["", "eu-central-1"],
    ["false", "eu-central-1"],
    [OWN_ACL, "eu-central-1"],
    ["true", "us-east-1"],
  ])("takes the firewall %o in %s", async (waf, where) => {
    vi.stubEnv("WAF", waf);
    region = where;
    await run({}, "before:package:initialize");
  });

  it.each([
    ["true", "eu-central-1", "set WAF to its ARN"],
    ["yes", "us-east-1", "WAF must be true, false, or the ARN of a web ACL for CloudFront (global, in us-east-1)."],
    [OWN_ACL.replace("global", "regional"), "us-east-1", "WAF must be true, false, or the ARN of a web ACL"],
    [OWN_ACL.replace("us-east-1", "eu-central-1"), "eu-central-1", "WAF must be true, false, or the ARN"],
  ])("refuses the firewall %o in %s, before anything is changed", async (waf, where, message) => {
    vi.stubEnv("WAF", waf);
    region = where;
    await expect(run({}, "before:package:initialize")).rejects.toThrow(message);
    expect(cloud.parameters.values.size).toBe(0);
  });

  it.each(["", "1", "20", "99.50"])("takes the budget %o", async (budget) => {
    vi.stubEnv("BUDGET", budget);
    await run({}, "before:package:initialize");
  });

  it.each(["0", "-1", "20 USD", "1e3", "1.234", "none"])("refuses the budget %o", async (budget) => {
    vi.stubEnv("BUDGET", budget);
    await expect(run({}, "before:package:initialize")).rejects.toThrow(
      "BUDGET must be an amount of dollars a month, such as 20 or 99.50.",
    );
  });

  it("says which stack has no page", async () => {
    cloud.stacks.outputs = {};
    await expect(deploy()).rejects.toThrow("The stack gotalk-dev has no page.");
  });

  it("is taken away, all but the data", async () => {
    await deploy();
    const before = await tables();
    await remove();
    expect(cloud.objects.objects.size).toBe(0);
    expect(cloud.parameters.values.size).toBe(0);
    expect(await tables()).toEqual(before);
    expect(said).toContain("The data is kept, and the next deployment takes it in again");
  });

  it("is taken away with the data when that is said twice", async () => {
    await deploy();
    await remove({ "delete-data": true, yes: true });
    expect(await tables()).toEqual([]);
    expect(said).toContain("The data is deleted: ");
  });
});
