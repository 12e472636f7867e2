import type { TestEngine } from "../support/engines.ts";
import { ObjectStore } from "./object-store.ts";
import { ParameterStore } from "./parameter-store.ts";
import { type Call, type Reply, type StandIn, startStandIn, xml } from "./stand-in.ts";

/** What `serverless deploy` and `remove` find in an account with one stack; its tables are in a real engine. */
export class Cloud {
  readonly objects = new ObjectStore();
  readonly parameters = new ParameterStore();
  /** What CloudFront was asked to forget. */
  readonly forgotten: string[][] = [];
  /** Of the stack; undefined when there is none. */
  outputs: Readonly<Record<string, string>> | undefined;
  readonly #engine: TestEngine;

  constructor(engine: TestEngine) {
    this.#engine = engine;
    this.outputs = { PageBucket: this.objects.bucket, DistributionId: "E1", Url: "https://d1.example.net" };
  }

  start(): Promise<StandIn> {
    return startStandIn((call) => this.#answer(call));
  }

  #answer(call: Call): Reply | Promise<Reply> {
    const target = String(call.headers["x-amz-target"] ?? "");
    if (target.startsWith("AmazonSSM.")) return this.parameters.answer(call);
    if (target.startsWith("DynamoDB_")) return this.#pass(call);
    if (call.path.endsWith("/distribution/E1/invalidation")) return this.#forget(call.body);
    if (call.body.includes("Action=DescribeStacks")) return this.#describe(call.body);
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

  #describe(body: Buffer): Reply {
    const name = new URLSearchParams(body.toString()).get("StackName");
    if (this.outputs === undefined) {
      const message = `Stack with id ${name} does not exist`;
      const error = `<Type>Sender</Type><Code>ValidationError</Code><Message>${message}</Message>`;
      return xml(`<ErrorResponse><Error>${error}</Error></ErrorResponse>`, 400);
    }
    const outputs = Object.entries(this.outputs).map(
      ([key, value]) => `<member><OutputKey>${key}</OutputKey><OutputValue>${value}</OutputValue></member>`,
    );
    const stack = `<member><StackName>${name}</StackName><Outputs>${outputs.join("")}</Outputs></member>`;
    const result = `<DescribeStacksResult><Stacks>${stack}</Stacks></DescribeStacksResult>`;
    return xml(`<DescribeStacksResponse>${result}</DescribeStacksResponse>`);
  }
}
