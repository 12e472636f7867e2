import { execFile, spawnSync } from "node:child_process";
import { promisify } from "node:util";
import { RegoEngine, TemplateFile } from "@aws/cloudformation-validate";
import { describe, expect, it } from "vitest";
import { LIMITS } from "../../lib/contract/limits.ts";
import { everyFile, type Json, MARKER, type Packaged, type Resource } from "./packaged.ts";

/** Warnings that are known and do no harm. One that is explained here and does not come any more fails, too. */
const EXPLAINED: ReadonlyMap<string, RegExp> = new Map([
  // A parameter is text, also when it is an amount: CloudFormation makes a number of it.
  ["W9003", /^MonthlyBudget$/],
]);

/** What may be logged of a request. None of it is of a client's making, but the name of the route that took it. */
const LOGGED = [
  "requestId",
  "integration.requestId",
  "integration.status",
  "integrationErrorMessage",
  "requestTime",
  "responseLatency",
  "responseLength",
  "routeKey",
  "status",
];

export const ofType = ({ template }: Packaged, type: string): [string, Resource][] =>
  Object.entries(template.Resources).filter(([, { Type }]) => Type === type);

/**
 * The linter of CloudFormation's users, which sees what AWS's own validator does not. It is written in Python, so npm cannot
 * install it (`pip install cfn-lint`).
 */
const hasLinter = spawnSync("cfn-lint", ["--version"]).status === 0;
if (!hasLinter) console.warn("cfn-lint is not installed here: its test is skipped.");

/** What AWS's own validator and cfn-lint say of a template. */
export function validatorTests(packaged: () => Packaged, form: string): void {
  describe(`the template ${form}`, () => {
    it("passes AWS's own validator, without a warning that is not explained", () => {
      // Its other engine is faster, and does not see everything.
      const engine = new RegoEngine();
      const reports = packaged().templateFiles.map((file) => engine.validateStandard(new TemplateFile(file)));
      engine.free();
      const serious = reports.flatMap(({ diagnostics }) => diagnostics).filter(({ severity }) => severity !== "INFO");
      const logicalId = (entity: Json): string => entity?.logicalId ?? "";
      const unexplained = serious.filter(({ ruleId, entity }) => !EXPLAINED.get(ruleId)?.test(logicalId(entity)));
      expect(unexplained.map(({ ruleId, entity, message }) => `${ruleId} ${logicalId(entity)}: ${message}`)).toEqual(
        [],
      );
      expect(new Set(serious.map(({ ruleId }) => ruleId))).toEqual(new Set(EXPLAINED.keys()));
    });

    it.skipIf(!hasLinter)("passes cfn-lint, without any warning", async () => {
      // As text in one line for each finding. It fails when it finds anything.
      const found = await promisify(execFile)("cfn-lint", ["--format", "parseable", "--", ...packaged().templateFiles])
        .then(({ stdout }) => stdout)
        .catch(({ stdout, stderr }: { stdout: string; stderr: string }) => stdout + stderr);
      expect(found.split("\n").filter(Boolean)).toEqual([]);
    });
  });
}

/** What the template says. */
export function templateTests(packaged: () => Packaged, names: readonly string[]): void {
  const the = (id: string): Json => packaged().template.Resources[id]?.Properties;
  /** The access log of a stage, where one is asked for. */
  const accessLogOf = (stage: string): Json => the(stage).AccessLogSettings["Fn::If"][1];

  describe("the template", () => {
    it("updates the function that begins devices last, when each send puts its message on all of them", () => {
      const { AccountsLambdaFunction } = packaged().template.Resources as Record<string, Json>;
      expect(AccountsLambdaFunction.DependsOn).toEqual(
        expect.arrayContaining(["LiveLambdaFunction", "SendLambdaFunction", "SyncLambdaFunction"]),
      );
    });

    it("has functions for arm64 and Node 24, one package each", () => {
      expect(Object.keys(packaged().functions).toSorted()).toEqual([...names].toSorted());
      for (const name of names) {
        const { Architectures, Runtime, Handler } = packaged().functions[name];
        expect({ Architectures, Runtime }).toEqual({ Architectures: ["arm64"], Runtime: "nodejs24.x" });
        expect(Object.keys(packaged().unzip(name))).toEqual([`${Handler.replace(/\.handler$/, "")}.mjs`]);
      }
    });

    it("records nothing of a request that went well: neither Lambda's own lines, nor a trace, nor an access log", () => {
      for (const name of names) {
        const { LoggingConfig, TracingConfig } = packaged().functions[name];
        expect(LoggingConfig).toMatchObject({ LogFormat: "JSON", SystemLogLevel: "WARN" });
        expect(TracingConfig).toEqual({ Mode: { "Fn::If": ["HasXRay", "Active", "PassThrough"] } });
      }
      for (const stage of ["HttpApiStage", "WebsocketsDeploymentStage"]) {
        const [condition, , otherwise] = the(stage).AccessLogSettings["Fn::If"];
        expect(packaged().template.Conditions[condition]).toBeDefined();
        expect(otherwise).toEqual({ Ref: "AWS::NoValue" });
      }
      for (const name of ["XRay", "AccessLogs", "LiveAccessLogs"]) {
        expect(packaged().template.Parameters[name]?.Default).toBe("false");
      }
    });

    it("lets nobody register without an invitation", () => {
      expect(packaged().functions["accounts"].Environment.Variables.REGISTRATION).toBe("invite");
    });

    it("has tables that are encrypted, backed up, and hard to lose", () => {
      const tables = ofType(packaged(), "AWS::DynamoDB::Table");
      expect(tables.map(([id]) => id).toSorted()).toEqual(["AccountsTable", "ChannelsTable"]);
      for (const [, table] of tables) {
        expect(table).toMatchObject({ DeletionPolicy: "Retain", UpdateReplacePolicy: "Retain" });
        expect(table.Properties).toMatchObject({
          // A name without a reference: only so CloudFormation takes a table in again that an earlier stack left.
          TableName: expect.stringMatching(/^gotalk-dev-\w+$/),
          BillingMode: "PAY_PER_REQUEST",
          DeletionProtectionEnabled: true,
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        });
        // Encrypted they are in any case. What this would choose is a key of KMS, whose every use is charged.
        expect(table.Properties).not.toHaveProperty("SSESpecification");
      }
    });

    it("has a bucket of files that is hard to lose, and keeps a file as long as the API says", () => {
      const { FilesBucket } = packaged().template.Resources;
      expect(FilesBucket).toMatchObject({ DeletionPolicy: "Retain", UpdateReplacePolicy: "Retain" });
      expect(FilesBucket?.Properties.BucketName).toEqual({
        "Fn::Sub": "gotalk-dev-files-${AWS::AccountId}-${AWS::Region}",
      });
      expect(FilesBucket?.Properties.LifecycleConfiguration.Rules).toEqual([
        {
          Id: "files",
          Status: "Enabled",
          ExpirationInDays: LIMITS.files.kept / 86_400_000,
          AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
        },
      ]);
      // A version more would be kept, and paid for.
      expect(FilesBucket?.Properties).not.toHaveProperty("VersioningConfiguration");
    });

    it("lets the page alone ask the bucket from a browser, for what an upload needs", () => {
      const [condition, { CorsRules }, otherwise] = the("FilesBucket").CorsConfiguration["Fn::If"];
      expect([condition, otherwise]).toEqual(["HasCloudFront", { Ref: "AWS::NoValue" }]);
      const [own, distribution] = ["https://${DomainName}", "https://${Distribution.DomainName}"].map((text) => ({
        "Fn::Sub": text,
      }));
      expect(CorsRules).toEqual([
        {
          AllowedMethods: ["GET", "PUT"],
          AllowedHeaders: ["content-type", "x-amz-checksum-sha256"],
          AllowedOrigins: { "Fn::If": ["HasDomain", [own, distribution], [distribution]] },
          MaxAge: 3_600,
        },
      ]);
    });

    it("keeps every log for a time, of each function and of the API", () => {
      const groups = ofType(packaged(), "AWS::Logs::LogGroup");
      for (const [, { Properties }] of groups) expect(Properties.RetentionInDays).toBeGreaterThan(0);
      const logged = groups.map(([, { Properties }]) => Properties.LogGroupName);
      for (const name of names) expect(logged).toContain(`/aws/lambda/${packaged().functions[name].FunctionName}`);
      for (const [stage, condition] of [
        ["HttpApiStage", "HasAccessLogs"],
        ["WebsocketsDeploymentStage", "HasLiveAccessLogs"],
      ] as const) {
        const { DestinationArn } = accessLogOf(stage);
        expect(packaged().template.Resources[DestinationArn["Fn::GetAtt"][0]]).toMatchObject({
          Type: "AWS::Logs::LogGroup",
          Condition: condition,
        });
      }
    });

    it("logs of a request neither path nor query, header, address or body", () => {
      const format = accessLogOf("HttpApiStage").Format;
      const variables = [...format.matchAll(/\$context\.([\w.]+)/g)].map(([, name]) => name);
      expect(variables).toContain("requestId");
      expect(variables.filter((name) => !LOGGED.includes(name))).toEqual([]);
      const live = accessLogOf("WebsocketsDeploymentStage").Format;
      expect([...live.matchAll(/\$context\.([\w.]+)/g)].map(([, name]) => name)).toEqual(
        expect.arrayContaining(["requestId", "eventType", "connectionId", "status"]),
      );
      expect(live).not.toMatch(/identity|query|header|body|path/i);
    });

    it("bounds how often anybody may call", () => {
      for (const stage of ["HttpApiStage", "WebsocketsDeploymentStage"]) {
        const settings = [the(stage).DefaultRouteSettings, ...Object.values<Json>(the(stage).RouteSettings)];
        for (const { ThrottlingRateLimit, ThrottlingBurstLimit } of settings) {
          expect(ThrottlingRateLimit).toBeGreaterThan(0);
          expect(ThrottlingBurstLimit).toBeGreaterThan(0);
        }
      }
      const routes = ofType(packaged(), "AWS::ApiGatewayV2::Route").map(([, { Properties }]) => Properties.RouteKey);
      expect(routes).toEqual(expect.arrayContaining(Object.keys(the("HttpApiStage").RouteSettings)));
    });

    it("leaves room for others on the routes that hash, while somebody tries 50 passwords a second", () => {
      const { RouteSettings } = the("HttpApiStage");
      for (const [route, most] of [
        ["POST /login", 50],
        ["POST /register", 10],
      ] as const) {
        expect(RouteSettings[route].ThrottlingRateLimit).toBeGreaterThanOrEqual(5 * most);
      }
    });

    it("lets no other origin read the API's answers", () => {
      const apis = ofType(packaged(), "AWS::ApiGatewayV2::Api");
      expect(apis.map(([id]) => id)).toEqual(["WebsocketsApi", "HttpApi"]);
      for (const [, { Properties }] of apis) expect(Properties).not.toHaveProperty("CorsConfiguration");
    });

    it("has no secret in it, and takes none from the shell", () => {
      const files = everyFile(packaged());
      expect(files.length).toBeGreaterThan(names.length);
      expect(files.filter((file) => file.includes(MARKER))).toEqual([]);
      const reference = "{{resolve:ssm:/gotalk-dev/origin-secret}}";
      for (const name of names) {
        const variables = Object.entries<Json>(packaged().functions[name].Environment?.Variables ?? {});
        const secret = variables.filter(([key]) => /secret|key|token|password/i.test(key));
        for (const [, value] of secret) expect(value).toEqual(reference);
      }
      // It is there, and only where it has to be.
      const holders = names.filter((name) => packaged().functions[name].Environment?.Variables?.ORIGIN_SECRET);
      expect(holders).toEqual(["send", "sync", "accounts", "live", "files", "push"]);
    });

    it("tags the stack, and so all that it makes", () => {
      expect(packaged().stackTags).toEqual({ service: "gotalk", stage: "dev" });
    });
  });
}
