import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startEngine, type TestEngine } from "../support/engines.ts";
import { plant, plantFieldsOf } from "../support/suite-output.ts";
import { made, referencesIn } from "./conditions.ts";
import { type RunningFunction, startFunction } from "./lambda.ts";
import { install, type Json, type Packaged } from "./packaged.ts";
import { httpEvent, liveEvent } from "./recorded.ts";

const HOST = "a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com";
const LIVE_URL = "wss://f6g7h8i9j0.execute-api.eu-central-1.amazonaws.com/live";
const PASSWORD = "correct horse battery staple";
const ORIGIN_SECRET = "what-the-deployment-made-of-32-random-bytes-again";

/** What CloudFormation makes with CLOUDFRONT=false, beside what it makes with CloudFront. */
export function withoutCloudFrontTests(packaged: () => Packaged, otherwise: () => Packaged): void {
  describe.each([
    ["with CloudFront", otherwise],
    ["without CloudFront", packaged],
  ])("what is made %s", (_, form) => {
    it("refers to nothing that is not made", () => {
      const { resources, outputs } = made(form().template);
      const known = [...Object.keys(resources), ...Object.keys(form().template.Parameters)];
      const references = [...Object.values(resources), ...Object.values(outputs)].flatMap(referencesIn);
      expect(references.length).toBeGreaterThan(100);
      const unknown = references.filter((id) => !known.includes(id) && !id.startsWith("AWS::"));
      expect(unknown).toEqual([]);
    });
  });

  describe("a deployment without CloudFront", () => {
    const own = () => made(packaged().template);
    const variables = (name: string): Json =>
      own().resources[`${name[0]?.toUpperCase()}${name.slice(1)}LambdaFunction`]?.Properties.Environment.Variables;

    it("is the other without what CloudFront needs", () => {
      const other = made(otherwise().template);
      const left = Object.keys(other.resources).filter((id) => !(id in own().resources));
      expect(left.toSorted()).toEqual(["ApiHeaders", "Distribution", "PageAccess", "PageCache", "PageHeaders"]);
      expect(Object.keys(own().resources).filter((id) => !(id in other.resources))).toEqual([]);
      expect(JSON.stringify(own().resources)).not.toMatch(/cloudfront\.|Distribution/i);
    });

    it("grants each function the same", () => {
      const rolesOf = ({ template }: Packaged) =>
        Object.entries(made(template).resources).filter(([, { Type }]) => Type === "AWS::IAM::Role");
      expect(rolesOf(packaged()).length).toBeGreaterThan(3);
      expect(rolesOf(packaged())).toEqual(rolesOf(otherwise()));
    });

    it("has the bucket, which nobody can read: it holds nothing up when CloudFront comes or goes", () => {
      const { resources } = own();
      const policy: Json = resources["PageBucketPolicy"];
      expect(policy.Properties.PolicyDocument.Statement.map(({ Effect }: Json) => Effect)).toEqual(["Deny"]);
      expect(Object.values(resources["PageBucket"]?.Properties.PublicAccessBlockConfiguration)).toEqual([
        true,
        true,
        true,
        true,
      ]);
    });

    it("is at the API's own address, which has no path before it, and tells clients where the WebSocket is", () => {
      const { outputs, resources } = own();
      const parts = [
        "https://",
        { Ref: "HttpApi" },
        ".execute-api.",
        { Ref: "AWS::Region" },
        ".",
        { Ref: "AWS::URLSuffix" },
      ];
      expect(outputs["HttpApiUrl"].Value).toEqual({ "Fn::Join": ["", parts] });
      expect(resources["HttpApiStage"]?.Properties.StageName).toBe("$default");
      const live = { "Fn::Sub": "wss://${WebsocketsApi}.execute-api.${AWS::Region}.${AWS::URLSuffix}/live" };
      expect(outputs["LiveUrl"].Value).toEqual(live);
      expect(variables("accounts").LIVE_URL).toEqual(live);
      for (const name of ["Url", "DistributionId", "DistributionDomain"]) expect(outputs).not.toHaveProperty(name);
      expect(
        made(otherwise().template).resources["AccountsLambdaFunction"]?.Properties.Environment.Variables.LIVE_URL,
      ).toBe("");
    });

    it("belongs to no page", () => {
      for (const name of ["send", "sync", "accounts", "live"]) expect(variables(name).OWN_HOSTS).toBe("");
    });

    it("keeps the secret, so that CloudFront finds it when it comes", () => {
      expect(variables("accounts").ORIGIN_SECRET).toBe("{{resolve:ssm:/gotalk-dev/origin-secret}}");
    });

    it("has a dashboard without CloudFront, and otherwise the same", () => {
      const titles = (form: Packaged): string[] =>
        JSON.parse(made(form.template).resources["Dashboard"]?.Properties.DashboardBody["Fn::Sub"]).widgets.map(
          ({ properties }: Json) => properties.title,
        );
      expect(titles(packaged())).toEqual(titles(otherwise()).filter((title) => title !== "CloudFront"));
      expect(titles(otherwise())).toContain("CloudFront");
    });
  });

  describe("its packages, started by Lambda's runtime API", () => {
    const running = new Map<string, RunningFunction>();
    let engine: TestEngine;

    beforeAll(async () => {
      plant("key", ORIGIN_SECRET);
      engine = await startEngine();
      for (const name of ["accounts", "live"]) {
        const declared: Json = made(packaged().template).resources[
          `${name[0]?.toUpperCase()}${name.slice(1)}LambdaFunction`
        ];
        const putIn: Json = { REGISTRATION: "open", LIVE_URL, ORIGIN_SECRET, LIVE_ENDPOINT: "http://127.0.0.1:9/live" };
        const known = Object.entries<Json>(declared.Properties.Environment.Variables).map(([key, value]) => [
          key,
          putIn[key] ?? packaged().template.Resources[value.Ref]?.Properties.TableName ?? value,
        ]);
        const started = startFunction({
          folder: install(packaged(), name),
          handler: declared.Properties.Handler,
          environment: {
            ...Object.fromEntries(known),
            AWS_REGION: "eu-central-1",
            AWS_ACCESS_KEY_ID: "test",
            AWS_SECRET_ACCESS_KEY: "test",
            AWS_LAMBDA_FUNCTION_NAME: declared.Properties.FunctionName,
            AWS_ENDPOINT_URL_DYNAMODB: engine.endpoint,
          },
        });
        running.set(name, await started);
      }
    });
    afterAll(async () => {
      for (const started of running.values()) await started.stop();
      await engine?.stop();
    });

    /** A request as API Gateway hands it over when nothing is in front of it. */
    async function post(path: string, form: Record<string, string>, sourceIp: string, headers: object = {}) {
      plantFieldsOf(new URLSearchParams(form));
      const event = httpEvent(`POST ${path}`, path, {
        form,
        client: sourceIp,
        sourceIp,
        headers: { origin: "", ...headers },
      });
      const answer: Json = await running.get("accounts")?.invoke(event);
      return { status: answer.statusCode, body: JSON.parse(answer.body) };
    }

    it("tell a client at its login where the WebSocket is", async () => {
      await post("/register", { username: "alice", password: PASSWORD }, "198.51.100.7");
      const { status, body } = await post("/login", { username: "alice", password: PASSWORD }, "198.51.100.7");
      expect(status).toBe(200);
      plant("token", body.token);
      expect(body.live).toBe(LIVE_URL);
    });

    it("throttle logins by the address that came, whatever the request says of itself", async () => {
      await post("/register", { username: "carol", password: PASSWORD }, "198.51.100.7");
      const guess = (sourceIp: string, headers: object = {}) =>
        post("/login", { username: "carol", password: "not the password" }, sourceIp, headers);
      for (let failure = 0; failure < 10; failure++) {
        expect(await guess("203.0.113.66", { "x-forwarded-for": `192.0.2.${failure}` })).toMatchObject({ status: 401 });
      }
      expect(await guess("203.0.113.66", { "x-forwarded-for": "192.0.2.99" })).toMatchObject({ status: 429 });
      expect(await guess("203.0.113.67")).toMatchObject({ status: 401 });
    });

    it("take nothing of a page, wherever that is, and all of programs", async () => {
      const foreign = { status: 403, body: { code: "cross_site" } };
      const ask = (headers: object) => post("/register", {}, "198.51.100.7", headers);
      expect(await ask({ origin: "https://evil.example" })).toMatchObject(foreign);
      expect(await ask({ origin: "https://d111111abcdef8.cloudfront.net" })).toMatchObject(foreign);
      expect(await ask({ origin: "null" })).toMatchObject(foreign);
      expect(await ask({})).toMatchObject({ status: 400 });
      // As some programs have it: of the host that they ask.
      expect(await ask({ origin: `https://${HOST}` })).toMatchObject({ status: 400 });
    });

    it("let a program open a WebSocket, and no page", async () => {
      const open = (headers: Record<string, string>) =>
        running.get("live")?.invoke({ ...liveEvent("CONNECT", "a-connection="), headers });
      expect(await open({ Host: new URL(LIVE_URL).host })).toEqual({ statusCode: 200 });
      expect(await open({ Host: new URL(LIVE_URL).host, Origin: "https://evil.example" })).toEqual({ statusCode: 403 });
    });
  });
}
