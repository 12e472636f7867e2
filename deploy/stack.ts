import { CloudFormationClient, DescribeStacksCommand } from "@aws-sdk/client-cloudformation";
import type { Serverless } from "serverless-offline";

/** What a client of the SDK is made with, as the framework has it: the region of the command line, and its credentials. */
export type AwsConfig = Awaited<ReturnType<ReturnType<Serverless["getProvider"]>["getAwsSdkV3Config"]>>;

/** The stack's outputs by their names; nothing when there is no stack. */
export async function outputsOf(stackName: string, config: AwsConfig): Promise<Record<string, string> | undefined> {
  const client = new CloudFormationClient(config);
  try {
    const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName: stackName }));
    const outputs = Stacks[0]?.Outputs ?? [];
    return Object.fromEntries(outputs.map(({ OutputKey = "", OutputValue = "" }) => [OutputKey, OutputValue]));
  } catch (error) {
    // What CloudFormation says of a stack that it does not know. It has no error of its own for it.
    if (error instanceof Error && error.name === "ValidationError" && error.message.includes("does not exist")) {
      return undefined;
    }
    throw error;
  } finally {
    client.destroy();
  }
}
