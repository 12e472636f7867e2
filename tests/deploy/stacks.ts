import type { ObjectStore } from "./object-store.ts";
import { type Call, type Reply, xml } from "./stand-in.ts";

const refusal = (code: string, message: string): Reply =>
  xml(
    `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
    400,
  );

const result = (action: string, content = ""): Reply =>
  xml(`<${action}Response><${action}Result>${content}</${action}Result></${action}Response>`);

const member = (fields: Readonly<Record<string, string>>): string =>
  `<member>${Object.entries(fields)
    .map(([name, value]) => `<${name}>${value}</${name}>`)
    .join("")}</member>`;

/**
 * No engine of CloudFormation runs locally: this one knows one stack at most, and answers as AWS does. It deletes stacks, and
 * makes none.
 */
export class Stacks {
  /** Of the stack; undefined when there is none. */
  outputs: Readonly<Record<string, string>> | undefined;
  status = "UPDATE_COMPLETE";
  isProtected = false;
  /** What the status becomes at the next looks, one after the other. The last may be `gone`. */
  readonly coming: string[] = [];
  /** Its resources beside the buckets, by their logical ids. */
  readonly resources: Record<string, readonly [type: string, physicalId: string]> = {};
  /** Its buckets, by their logical ids. */
  readonly buckets: Readonly<Record<string, ObjectStore>>;
  /** Those that stay when the stack goes. */
  readonly retained: Readonly<Record<string, ObjectStore>>;
  /** The change sets that it was asked for. */
  readonly changeSets: URLSearchParams[] = [];
  /** What it was asked for, each by its action. */
  readonly asked: string[] = [];
  /** Why each resource could not be deleted the last time. */
  readonly #failures = new Map<string, string>();

  constructor(
    buckets: Readonly<Record<string, ObjectStore>> = {},
    retained: Readonly<Record<string, ObjectStore>> = {},
  ) {
    this.buckets = buckets;
    this.retained = retained;
  }

  /** Whether somebody who speaks to CloudFormation speaks so. */
  static takes({ headers }: Call): boolean {
    return String(headers["authorization"]).includes("/cloudformation/aws4_request");
  }

  answer({ body }: Call): Reply {
    const parameters = new URLSearchParams(body.toString());
    const [action, name] = [parameters.get("Action") ?? "", parameters.get("StackName") ?? ""];
    this.asked.push(action);
    switch (action) {
      case "CreateChangeSet":
        this.changeSets.push(parameters);
        return refusal("AccessDenied", "This account makes no stacks.");
      case "DeleteChangeSet":
      case "ValidateTemplate":
        return result(action);
      case "DeleteStack":
        if (this.#isBusy)
          return refusal("ValidationError", `Stack [${name}] cannot be deleted while in status ${this.status}`);
        this.#delete();
        return result(action);
      case "ContinueUpdateRollback":
        this.status = "UPDATE_ROLLBACK_IN_PROGRESS";
        return result(action);
      case "DescribeStacks":
        this.#goOn();
        if (this.outputs === undefined) return refusal("ValidationError", `Stack with id ${name} does not exist`);
        return result(action, `<Stacks>${this.#described(name)}</Stacks>`);
      case "ListStackResources":
        if (!this.#hasTemplate) return refusal("ValidationError", `Stack with id ${name} does not exist`);
        return result(action, `<StackResourceSummaries>${this.#listed()}</StackResourceSummaries>`);
      case "DescribeStackResource":
        return this.#resource(action, name, parameters.get("LogicalResourceId") ?? "");
      case "DescribeStackEvents":
        if (this.outputs === undefined) return refusal("ValidationError", `Stack [${name}] does not exist`);
        return result(action, `<StackEvents>${this.#events(name)}</StackEvents>`);
      default:
        return refusal("InvalidAction", action);
    }
  }

  /** A stack whose first change set was never carried out has none: most operations do not know it. */
  get #hasTemplate(): boolean {
    return this.outputs !== undefined && this.status !== "REVIEW_IN_PROGRESS";
  }

  get #isBusy(): boolean {
    return this.outputs !== undefined && /^(?!REVIEW|DELETE).*_IN_PROGRESS$/.test(this.status);
  }

  #goOn(): void {
    const next = this.coming.shift();
    if (next === "gone") this.outputs = undefined;
    else this.status = next ?? this.status;
  }

  /** That there is none is no error to it. Buckets go when they are empty, and one that is gone already is deleted. */
  #delete(): void {
    this.#failures.clear();
    for (const [id, bucket] of Object.entries(this.#hasTemplate ? this.buckets : {})) {
      if (bucket.isThere && !bucket.isEmpty) {
        this.#failures.set(id, "The bucket you tried to delete is not empty");
      } else {
        bucket.isThere = false;
      }
    }
    if (this.#failures.size === 0) this.outputs = undefined;
    else this.status = "DELETE_FAILED";
  }

  #described(name: string): string {
    const outputs = Object.entries(this.outputs ?? {}).map(([OutputKey, OutputValue]) =>
      member({ OutputKey, OutputValue }),
    );
    return member({
      StackName: name,
      StackStatus: this.status,
      StackStatusReason: [...this.#failures.values()].join(", ") || "a reason",
      EnableTerminationProtection: String(this.isProtected),
      Outputs: outputs.join(""),
    });
  }

  #listed(): string {
    const summary = (LogicalResourceId: string, ResourceType: string, PhysicalResourceId: string) =>
      member({ LogicalResourceId, ResourceType, PhysicalResourceId, ResourceStatus: "CREATE_COMPLETE" });
    const others = Object.entries(this.resources).map(([id, [type, physical]]) => summary(id, type, physical));
    const buckets = Object.entries({ ...this.buckets, ...this.retained }).map(([id, { bucket }]) =>
      summary(id, "AWS::S3::Bucket", bucket),
    );
    return [...others, ...buckets].join("");
  }

  #resource(action: string, name: string, id: string): Reply {
    if (!this.#hasTemplate) return refusal("ValidationError", `Stack '${name}' does not exist`);
    const bucket = this.buckets[id];
    if (bucket === undefined) return refusal("ValidationError", `Resource ${id} does not exist for stack ${name}`);
    const detail = `<PhysicalResourceId>${bucket.bucket}</PhysicalResourceId>`;
    return result(action, `<StackResourceDetail>${detail}</StackResourceDetail>`);
  }

  /** Newest first, of the last deletion. */
  #events(name: string): string {
    const event = (
      EventId: string,
      LogicalResourceId: string,
      ResourceType: string,
      ResourceStatus: string,
      why = "",
    ) =>
      member({ EventId, StackName: name, LogicalResourceId, ResourceType, ResourceStatus, ResourceStatusReason: why });
    const failures = [...this.#failures].map(([id, why]) =>
      event(`failed-${id}`, id, "AWS::S3::Bucket", "DELETE_FAILED", why),
    );
    const own = "AWS::CloudFormation::Stack";
    return [event("end", name, own, this.status), ...failures, event("begin", name, own, "DELETE_IN_PROGRESS")].join(
      "",
    );
  }
}
