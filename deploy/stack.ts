import {
  CloudFormationClient,
  ContinueUpdateRollbackCommand,
  DeleteStackCommand,
  DescribeStacksCommand,
  paginateListStackResources,
} from "@aws-sdk/client-cloudformation";
import type { Serverless } from "serverless-offline";

/** What a client of the SDK is made with, as the framework has it: the region of the command line, and its credentials. */
export type AwsConfig = Awaited<ReturnType<ReturnType<Serverless["getProvider"]>["getAwsSdkV3Config"]>>;

/** What CloudFormation says of a stack. */
export interface StackState {
  /** Such as `UPDATE_COMPLETE`. */
  readonly status: string;
  /** Why it has this status, where CloudFormation says so. */
  readonly reason: string | undefined;
  /** Whether CloudFormation refuses to delete it. */
  readonly isProtected: boolean;
  /** By their names. A stack that was never made to the end has none. */
  readonly outputs: Readonly<Record<string, string>>;
}

/** A part of a stack that is there, or was before somebody deleted it by hand. */
export interface StackResource {
  readonly logicalId: string;
  readonly physicalId: string;
  /** Such as `AWS::S3::Bucket`. */
  readonly type: string;
}

/** A stack by its name, which may be there or not. */
export class Stack {
  readonly name: string;
  readonly #client: CloudFormationClient;

  constructor(name: string, config: AwsConfig) {
    this.name = name;
    this.#client = new CloudFormationClient(config);
  }

  /** Undefined when there is no stack. */
  async state(): Promise<StackState | undefined> {
    try {
      const { Stacks: [found] = [] } = await this.#client.send(new DescribeStacksCommand({ StackName: this.name }));
      if (found === undefined) return undefined;
      const outputs = found.Outputs ?? [];
      return {
        status: found.StackStatus ?? "",
        reason: found.StackStatusReason,
        isProtected: found.EnableTerminationProtection ?? false,
        outputs: Object.fromEntries(outputs.map(({ OutputKey = "", OutputValue = "" }) => [OutputKey, OutputValue])),
      };
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  /** What the stack believes it has. None when there is no stack. */
  async resources(): Promise<StackResource[]> {
    const found: StackResource[] = [];
    try {
      for await (const page of paginateListStackResources({ client: this.#client }, { StackName: this.name })) {
        for (const {
          LogicalResourceId,
          PhysicalResourceId,
          ResourceType,
          ResourceStatus,
        } of page.StackResourceSummaries ?? []) {
          if (!LogicalResourceId || !PhysicalResourceId || ResourceStatus === "DELETE_COMPLETE") continue;
          found.push({ logicalId: LogicalResourceId, physicalId: PhysicalResourceId, type: ResourceType ?? "" });
        }
      }
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
    return found;
  }

  /** Begins to delete it. That there is none is no error. */
  async delete(): Promise<void> {
    await this.#client.send(new DeleteStackCommand({ StackName: this.name }));
  }

  /** Has CloudFormation go on where the rollback of an update has failed. */
  async continueRollback(): Promise<void> {
    await this.#client.send(new ContinueUpdateRollbackCommand({ StackName: this.name }));
  }
}

/** What CloudFormation says of a stack that it does not know. It has no error of its own for it. */
const isMissing = (error: unknown): boolean =>
  error instanceof Error && error.name === "ValidationError" && error.message.includes("does not exist");
