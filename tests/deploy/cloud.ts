import type { TestEngine } from "../support/engines.ts";
import { ObjectStore } from "./object-store.ts";
import { ParameterStore } from "./parameter-store.ts";
import { Stacks } from "./stacks.ts";
import { type Call, type Reply, type StandIn, startStandIn, xml } from "./stand-in.ts";

/** What the framework asks for when it removes a service: who asks, and whether there are images of containers. */
const CALLER = xml(
  "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/operator</Arn>" +
    "<Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>",
);
const NO_REPOSITORY: Reply = {
  status: 400,
  type: "application/x-amz-json-1.1",
  body: JSON.stringify({ __type: "RepositoryNotFoundException" }),
};

/** What `serverless deploy` and `remove` find in an account with one stack; its tables are in a real engine. */
export class Cloud {
  readonly objects = new ObjectStore();
  readonly parameters = new ParameterStore();
  /** What CloudFront was asked to forget. */
  readonly forgotten: string[][] = [];
  readonly stacks = new Stacks();
  readonly #engine: TestEngine;

  constructor(engine: TestEngine) {
    this.#engine = engine;
    this.stacks.outputs = { PageBucket: this.objects.bucket, DistributionId: "E1", Url: "https://d1.example.net" };
  }

  start(): Promise<StandIn> {
    return startStandIn((call) => this.#answer(call));
  }

  #answer(call: Call): Reply | Promise<Reply> {
    const target = String(call.headers["x-amz-target"] ?? "");
    if (target.startsWith("AmazonSSM.")) return this.parameters.answer(call);
    if (target.startsWith("DynamoDB_")) return this.#pass(call);
    if (call.path.endsWith("/distribution/E1/invalidation")) return this.#forget(call.body);
    if (Stacks.takes(call)) return this.stacks.answer(call);
    if (target.endsWith(".DescribeRepositories")) return NO_REPOSITORY;
    if (call.body.includes("Action=GetCallerIdentity")) return CALLER;
    return this.objects.answer(call);
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

  #forget(body: Buffer): Reply {
    this.forgotten.push([...body.toString().matchAll(/<Path>([^<]+)<\/Path>/g)].map(([, path = ""]) => path));
    return xml("<Invalidation><Id>I1</Id><Status>InProgress</Status></Invalidation>", 201);
  }
}
