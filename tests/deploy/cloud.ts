import type { TestEngine } from "../support/engines.ts";
import { Distributions } from "./distributions.ts";
import { ObjectStore } from "./object-store.ts";
import { ParameterStore } from "./parameter-store.ts";
import { Stacks } from "./stacks.ts";
import { type Call, jsonOperation, type Reply, type StandIn, startStandIn, xml, xmlError } from "./stand-in.ts";

/** What the framework asks for when it removes a service: who asks, and whether there are images of containers. */
const CALLER = xml(
  "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/operator</Arn>" +
    "<Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>",
);
const EXPIRED = xml(
  "<ErrorResponse><Error><Type>Sender</Type><Code>ExpiredToken</Code>" +
    "<Message>The security token included in the request is expired</Message></Error></ErrorResponse>",
  403,
);
const NO_REPOSITORY: Reply = {
  status: 400,
  type: "application/x-amz-json-1.1",
  body: JSON.stringify({ __type: "RepositoryNotFoundException" }),
};

/** What `serverless deploy` and `remove` find in an account with one stack; its tables are in a real engine. */
export class Cloud {
  /** The page's bucket. */
  readonly objects = new ObjectStore();
  /** The bucket of files. */
  readonly files = new ObjectStore(1_000, "gotalk-dev-files-123456789012-eu-central-1");
  /** The bucket that packages are uploaded to. */
  readonly packages = new ObjectStore(1_000, "deployments");
  readonly parameters = new ParameterStore();
  readonly distributions = new Distributions();
  readonly stacks = new Stacks(
    { ServerlessDeploymentBucket: this.packages, PageBucket: this.objects },
    { FilesBucket: this.files },
  );
  /** Every request that would change something, in its order. */
  readonly changes: string[] = [];
  /** API Gateway's role for logs, which an account has or has not; or it is `secret`. */
  logRole: string | undefined;
  /** Whether AWS does not say any more whose the credentials are. */
  isExpired = false;
  readonly #engine: TestEngine;

  constructor(engine: TestEngine) {
    this.#engine = engine;
    this.stacks.outputs = { PageBucket: this.objects.bucket, DistributionId: "E1", Url: "https://d1.example.net" };
    this.stacks.resources["Distribution"] = ["AWS::CloudFront::Distribution", "E1"];
  }

  /** What CloudFront was asked to forget. */
  get forgotten(): readonly string[][] {
    return this.distributions.forgotten;
  }

  start(): Promise<StandIn> {
    return startStandIn((call) => {
      this.#note(call);
      return this.#answer(call);
    });
  }

  #note(call: Call): void {
    const action = jsonOperation(call) ?? new URLSearchParams(String(call.body)).get("Action") ?? call.method;
    if (!/^(Get|Describe|List|HEAD)/i.test(action)) this.changes.push(action);
  }

  #answer(call: Call): Reply | Promise<Reply> {
    const target = String(call.headers["x-amz-target"] ?? "");
    if (target.startsWith("AmazonSSM.")) return this.parameters.answer(call);
    if (target.startsWith("DynamoDB_")) return this.#pass(call);
    if (Distributions.takes(call)) return this.distributions.answer(call);
    if (Stacks.takes(call)) return this.stacks.answer(call);
    if (target.endsWith(".DescribeRepositories")) return NO_REPOSITORY;
    if (String(call.body).includes("Action=GetCallerIdentity")) return this.isExpired ? EXPIRED : CALLER;
    if (call.path === "/account") {
      if (this.logRole === "secret")
        return { status: 403, type: "application/json", body: '{"__type":"AccessDeniedException"}' };
      return { status: 200, type: "application/json", body: JSON.stringify({ cloudwatchRoleArn: this.logRole }) };
    }
    const bucket = [this.objects, this.packages, this.files].find((store) => store.takes(call));
    return bucket?.answer(call) ?? xmlError(404, "NoSuchBucket");
  }

  async #pass({ headers, body }: Call): Promise<Reply> {
    const passed = { "x-amz-target": String(headers["x-amz-target"]), authorization: String(headers["authorization"]) };
    const type = "application/x-amz-json-1.0";
    const response = await fetch(this.#engine.endpoint, {
      method: "POST",
      headers: { ...passed, "content-type": type, "x-amz-date": String(headers["x-amz-date"]) },
      body: new Uint8Array(body),
    });
    return { status: response.status, type, body: await response.text() };
  }
}
