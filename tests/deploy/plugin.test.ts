import { readFileSync } from "node:fs";
import { ListTablesCommand } from "@aws-sdk/client-dynamodb";
import type { Serverless } from "serverless-offline";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import Deployment from "../../deploy/plugin.ts";
import { pageFiles } from "../../stack/page-files.ts";
import { declaredTables } from "../../stack/tables.ts";
import { engineNamed, type TestEngine } from "../support/engines.ts";
import { Cloud } from "./cloud.ts";
import type { StandIn } from "./stand-in.ts";

const SECRET = "/gotalk-dev/origin-secret";
/** The name of the bucket of files, as the template has it. */
const FILES = "gotalk-dev-files-${AWS::AccountId}-${AWS::Region}";
const DOMAIN = "chat.example.org";
const CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d";

/** What happens to the page on this machine: it cannot be built, or another build has taken its files away. */
const build = vi.hoisted(() => ({ fails: false, isGone: false }));

vi.mock("../../stack/page-build.ts", async (original) => {
  const real = await original<typeof import("../../stack/page-build.ts")>();
  return {
    ...real,
    buildPage: async () => {
      if (build.fails) throw new Error("the page cannot be built: no");
      await real.buildPage();
    },
  };
});

vi.mock("../../stack/page-files.ts", async (original) => {
  const real = await original<typeof import("../../stack/page-files.ts")>();
  return {
    pageFiles: () =>
      real.pageFiles().map((file) => ({ ...file, file: build.isGone ? `${file.file}.gone` : file.file })),
  };
});

/** dynalite knows no deletion protection. */
const kind = engineNamed("dynoxide");

describe.runIf(kind !== undefined)("what a deployment does beyond CloudFormation", () => {
  let engine: TestEngine;
  let cloud: Cloud;
  let aws: StandIn;
  let said: string;
  /** What was said on stderr. */
  let noted: string;
  /** Where the stack is. */
  let region: string;
  /** What the bucket of files is called. */
  let filesBucket: string;
  /** What the command line says. */
  let command: string[];
  /** Whether the template has CloudFront. */
  let cloudFront: string;
  let liveAccessLogs: string;
  /** What the framework asks CloudFormation for. */
  let changeSet: (() => Record<string, unknown>) | undefined;

  beforeEach(async () => {
    if (kind) engine = await kind.start();
    cloud = new Cloud(engine);
    aws = await cloud.start();
    said = "";
    noted = "";
    region = "eu-central-1";
    filesBucket = FILES;
    command = ["deploy"];
    cloudFront = "true";
    liveAccessLogs = "false";
    vi.stubEnv("SLS_AWS_MONITORING_FREQUENCY", "1");
    vi.spyOn(process.stderr, "write").mockImplementation((text) => {
      noted += text;
      return true;
    });
    vi.spyOn(process.stdout, "write").mockImplementation((text) => {
      said += text;
      return true;
    });
  });
  afterEach(async () => {
    Object.assign(build, { fails: false, isGone: false });
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
    aws.stop();
    await engine.stop();
  });

  /** The template that the framework is about to upload. */
  let template: { Resources: Record<string, { Properties: Record<string, unknown> }> };

  /** The framework's part in it, as far as the plugin sees it. */
  function framework(): Serverless {
    const deploy = { getCreateChangeSetParams: (): Record<string, unknown> => ({ StackName: "gotalk-dev" }) };
    changeSet = () => deploy.getCreateChangeSetParams();
    const tables = Object.entries(declaredTables()).map(([id, Properties]) => [
      id,
      { Type: "AWS::DynamoDB::Table", Properties },
    ]);
    const compiledCloudFormationTemplate = {
      Parameters: { CloudFront: { Default: cloudFront }, LiveAccessLogs: { Default: liveAccessLogs } },
      Resources: {
        FilesBucket: { Type: "AWS::S3::Bucket", Properties: { BucketName: { "Fn::Sub": FILES } } },
      },
      Outputs: {},
    };
    template = compiledCloudFormationTemplate;
    return {
      processedInput: { commands: command },
      service: {
        provider: { stackTags: {}, stage: "dev", region, compiledCloudFormationTemplate },
        resources: { Resources: Object.fromEntries(tables) },
        custom: { gotalk: { originSecret: SECRET, filesBucket } },
      },
      classes: { Error },
      pluginManager: { plugins: [{}, deploy, { emptyS3Bucket: async () => undefined }] },
      getProvider: () => ({ naming: { getStackName: () => "gotalk-dev" }, getAwsSdkV3Config: async () => aws.config }),
    } as unknown as Serverless;
  }

  /** Runs the hooks in the order in which the framework does. */
  async function run(options: Record<string, unknown>, ...hooks: string[]): Promise<void> {
    const { hooks: own } = new Deployment(framework(), options);
    for (const hook of hooks) await (own[hook] as () => Promise<void>)();
  }

  const deploy = (options: Record<string, unknown> = {}) =>
    run(options, "initialize", "before:aws:deploy:deploy:createStack", "after:deploy:deploy");
  const remove = (options: Record<string, unknown> = {}) => run(options, "before:remove:remove", "after:remove:remove");
  const tables = async () => (await engine.client.send(new ListTablesCommand())).TableNames;

  it("makes the secret, takes in tables that are there, uploads the page, and says where it is", async () => {
    await deploy();
    expect(cloud.parameters.values.has(SECRET)).toBe(true);
    expect(changeSet?.()).toEqual({ StackName: "gotalk-dev", ImportExistingResources: true });
    expect(template.Resources["FilesBucket"]?.Properties["BucketName"]).toBe(cloud.files.bucket);
    expect(cloud.objects.objects.size).toBe(pageFiles().length);
    const [forgotten = []] = cloud.forgotten;
    expect(forgotten).toEqual(expect.arrayContaining(["/", "/index.html", "/worker.js"]));
    expect(forgotten.filter((path) => path.startsWith("/assets/"))).toEqual([]);
    expect(said).toBe("goTalk is at https://d1.example.net\n");
  });

  it.each([
    ["remove", "stage", "prod"],
    ["remove", "region", "true"],
    ["remove", "delete_data", "true"],
    ["deploy", "stage", "prod"],
  ])("does not %s when npm has kept the option %s for itself", async (name, option, value) => {
    command = [name];
    vi.stubEnv("npm_lifecycle_event", name);
    vi.stubEnv(`npm_config_${option}`, value);
    const written = option.replace("_", "-");
    await expect(run({}, "initialize")).rejects.toThrow(
      `npm has kept --${written} for itself, and nothing was done. Write -- before the options: npm run ${name} -- --${written} ...`,
    );
    expect(noted).toBe("");
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

  it.each([
    ["CLOUDFRONT", "no", "CLOUDFRONT must be true or false."],
    ["LIVE_ACCESS_LOGS", "yes", "LIVE_ACCESS_LOGS must be true or false."],
    ["DOMAIN_NAME", "https://chat.example.org", "DOMAIN_NAME must be the name alone, such as chat.example.com."],
    ["ALARM_EMAIL", "operator", "ALARM_EMAIL must be one address for mail."],
    [
      "ALARM_TOPIC_ARN",
      "arn:aws:sns:us-east-1:123456789012:alarms",
      "ALARM_TOPIC_ARN must be the ARN of an SNS topic in eu-central-1, where the stack is.",
    ],
    // What a function would refuse when it loads, in a deployment that had succeeded.
    ["REGISTRATION", "opne", "REGISTRATION must be one of open, invite, closed."],
    ["SEND_BURST", "0", "SEND_BURST must be a whole number above 0."],
    ["CHANNEL_MESSAGES", "many", "CHANNEL_MESSAGES must be a whole number above 0."],
  ])("refuses %s=%s, before anything is changed", async (name, value, message) => {
    if (name === "DOMAIN_NAME") vi.stubEnv("CERTIFICATE_ARN", CERTIFICATE);
    vi.stubEnv(name, value);
    await expect(run({}, "before:package:initialize")).rejects.toThrow(message);
    expect(cloud.changes).toEqual([]);
  });

  // With the digits of an account and the region, 63 characters.
  const LONGEST_STAGE = "s".repeat(24);

  it.each([LONGEST_STAGE, "dev-2"])("takes the stage %s, after which the bucket of files is named", async (stage) => {
    filesBucket = FILES.replace("dev", stage);
    await run({}, "before:package:initialize");
  });

  it.each([`${LONGEST_STAGE}s`, "Prod", "my_stage"])(
    "refuses the stage %s, before anything is changed",
    async (stage) => {
      filesBucket = FILES.replace("dev", stage);
      const message = `The bucket of files would be called gotalk-${stage}-files-000000000000-eu-central-1. S3 takes 63 characters`;
      await expect(run({}, "before:package:initialize")).rejects.toThrow(message);
      expect(cloud.changes).toEqual([]);
    },
  );

  it.each([
    ["CLOUDFRONT", ""],
    ["CLOUDFRONT", "true"],
    ["CLOUDFRONT", "false"],
    ["LIVE_ACCESS_LOGS", "true"],
    ["ALARM_EMAIL", "operator+goTalk@example.org"],
    ["ALARM_TOPIC_ARN", "arn:aws:sns:eu-central-1:123456789012:alarms"],
    ["REGISTRATION", "closed"],
    ["SEND_BURST", ""],
    ["TOKEN_KEY", "another program's"],
  ])("takes %s=%s", async (name, value) => {
    vi.stubEnv(name, value);
    await run({}, "before:package:initialize");
  });

  it.each([
    [{ DOMAIN_NAME: DOMAIN, CERTIFICATE_ARN: CERTIFICATE }, "A domain needs CloudFront"],
    [{ WAF: OWN_ACL }, "The firewall stands before CloudFront"],
    [{ WAF: "true" }, "The firewall stands before CloudFront"],
  ])("refuses without CloudFront what needs it: %o", async (settings, message) => {
    vi.stubEnv("CLOUDFRONT", "false");
    for (const [name, value] of Object.entries(settings)) vi.stubEnv(name, value);
    await expect(run({}, "before:package:initialize")).rejects.toThrow(message);
  });

  it.each([
    [["deploy"], true],
    [["deploy", "function"], true],
    [["remove"], true],
    [["rollback"], true],
    [["logs"], true],
    [["package"], false],
    [["offline"], false],
    [["invoke", "local"], false],
  ])("names the target of %s before it does anything: %s", async (commands, isNamed) => {
    command = commands;
    await run({}, "initialize");
    expect(noted).toBe(isNamed ? "Target: stage dev in eu-central-1, AWS account 123456789012\n" : "");
    expect(cloud.changes).toEqual([]);
  });

  it("changes nothing when the page cannot be built", async () => {
    build.fails = true;
    await expect(deploy()).rejects.toThrow("the page cannot be built");
    expect(cloud.changes).toEqual([]);
    expect(cloud.parameters.values.size).toBe(0);
  });

  it("uploads what it has built, although another build has come meanwhile", async () => {
    const { hooks } = new Deployment(framework(), {});
    await hooks["before:aws:deploy:deploy:createStack"]?.();
    const files = pageFiles();
    build.isGone = true;
    await hooks["after:deploy:deploy"]?.();
    build.isGone = false;
    expect(cloud.objects.objects.size).toBe(files.length);
    for (const { path, file } of files) {
      expect(cloud.objects.objects.get(path.slice(1))?.content.equals(readFileSync(file)), path).toBe(true);
    }
  });

  it("changes nothing when API Gateway may not write the log that is asked for", async () => {
    liveAccessLogs = "true";
    await expect(deploy()).rejects.toThrow(
      "LIVE_ACCESS_LOGS=true needs a role for API Gateway's logs, which this account has not in eu-central-1.",
    );
    expect(cloud.changes).toEqual([]);
    // Without the permission to look, CloudFormation tells.
    cloud.logRole = "secret";
    await deploy();
    cloud.logRole = "arn:aws:iam::123456789012:role/api-gateway-logs";
    await deploy();
    expect(said).toContain("goTalk is at");
  });

  it("refuses a package that was made for another stage or region", async () => {
    const made = framework();
    const { hooks } = new Deployment(made, {});
    await hooks["initialize"]?.();
    // As the framework does: the package's own go before the command line's.
    made.service.provider.stage = "prod";
    await expect(hooks["before:aws:deploy:deploy:createStack"]?.()).rejects.toThrow(
      "The package was made for stage prod in eu-central-1. Name these two, or make one for stage dev in eu-central-1.",
    );
    expect(cloud.changes).toEqual([]);
  });

  it("goes on although CloudFront takes no further invalidation: no file of these is kept without being asked for", async () => {
    cloud.distributions.isBusy = true;
    await deploy();
    expect(said).toBe("goTalk is at https://d1.example.net\n");
  });

  it("says what to do when somebody has deleted the distribution", async () => {
    cloud.distributions.isThere = false;
    await expect(deploy()).rejects.toThrow(
      "The distribution E1 is gone, and CloudFormation does not make it again. Run `npm run remove` and then `npm run deploy`",
    );
  });

  it("finishes although somebody has deleted the buckets and the secret", async () => {
    cloud.objects.isThere = false;
    cloud.packages.isThere = false;
    await deploy();
    expect([cloud.objects.isThere, cloud.packages.isThere]).toEqual([true, true]);
    expect(cloud.objects.objects.size).toBe(pageFiles().length);
    expect(cloud.parameters.values.get(SECRET)?.Value).toBe(cloud.distributions.secret);
  });

  describe("without CloudFront", () => {
    const API = "https://a1.execute-api.eu-central-1.amazonaws.com";
    const LIVE = "wss://w1.execute-api.eu-central-1.amazonaws.com/live";
    const outputs = { PageBucket: "page", HttpApiUrl: API, LiveUrl: LIVE };

    beforeEach(() => {
      cloudFront = "false";
    });

    it("uploads nothing, builds nothing, and says where the API is, and that there is no page", async () => {
      cloud.stacks.outputs = outputs;
      build.fails = true;
      await deploy();
      expect(said).toBe(
        `goTalk's API is at ${API}\n  live  ${LIVE}\n  page  none, as CLOUDFRONT=false. In a terminal: npx gotalk --url ${API} login NAME\n`,
      );
      expect(cloud.objects.objects.size).toBe(0);
      expect(cloud.forgotten).toEqual([]);
      // Should CloudFront come later, it finds the functions with the same secret.
      expect(cloud.parameters.values.has(SECRET)).toBe(true);
    });

    it("takes no page away that nobody has given up", async () => {
      await expect(deploy()).rejects.toThrow(
        "CLOUDFRONT=false takes the page at https://d1.example.net away. What browsers keep under that address is out of reach then: histories, drafts, and messages that were not sent yet. Nothing was changed, as that was not confirmed. Without a terminal add --yes.",
      );
      expect(cloud.changes).toEqual([]);
    });

    it("takes it away where that is confirmed", async () => {
      await run({ yes: true }, "initialize", "before:aws:deploy:deploy:createStack");
      expect(changeSet?.()).toMatchObject({ ImportExistingResources: true });
    });

    it("is removed like any other", async () => {
      cloud.stacks.outputs = outputs;
      cloud.objects.put("index.html");
      await deploy();
      await remove();
      expect(cloud.objects.isEmpty).toBe(true);
      expect(cloud.parameters.values.size).toBe(0);
    });
  });

  it("says which stack has no page", async () => {
    cloud.stacks.outputs = {};
    await expect(deploy()).rejects.toThrow("The stack gotalk-dev has no page.");
  });

  it("is taken away, all but the data", async () => {
    await deploy();
    cloud.files.put("F0n8c1gmD3rD0Zk2bqJtPz");
    const before = await tables();
    await remove();
    expect([cloud.files.isThere, cloud.files.objects.size]).toEqual([true, 1]);
    expect(cloud.objects.objects.size).toBe(0);
    expect(cloud.parameters.values.size).toBe(0);
    expect(await tables()).toEqual(before);
    expect(said).toContain("The data is kept, and the next deployment takes it in again");
  });

  it.each(["ROLLBACK_COMPLETE", "DELETE_FAILED"])(
    "keeps the files when a stack in %s is deleted first",
    async (status) => {
      cloud.files.put("F0n8c1gmD3rD0Zk2bqJtPz");
      cloud.stacks.status = status;
      await run({}, "initialize", "before:aws:deploy:deploy:createStack");
      expect(cloud.stacks.outputs).toBeUndefined();
      expect([cloud.files.isThere, cloud.files.objects.size]).toEqual([true, 1]);
    },
  );

  it("is not taken away, and neither is the page, while the stack is protected", async () => {
    await deploy();
    cloud.stacks.isProtected = true;
    await expect(remove()).rejects.toThrow("The stack gotalk-dev is protected against deletion. Nothing was removed.");
    expect(cloud.objects.objects.size).toBe(pageFiles().length);
    expect(cloud.parameters.values.size).toBe(1);
  });

  it("is taken away with the data when that is said twice", async () => {
    await deploy();
    cloud.files.put("F0n8c1gmD3rD0Zk2bqJtPz");
    await remove({ "delete-data": true, yes: true });
    expect(await tables()).toEqual([]);
    expect(cloud.files.isThere).toBe(false);
    expect(said).toContain(`The data is deleted: gotalk-dev-channels, gotalk-dev-accounts, ${cloud.files.bucket}`);
  });
});
