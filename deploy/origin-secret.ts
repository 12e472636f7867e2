import { randomBytes } from "node:crypto";
import {
  DeleteParameterCommand,
  ParameterAlreadyExists,
  ParameterNotFound,
  PutParameterCommand,
  SSMClient,
} from "@aws-sdk/client-ssm";
import type { AwsConfig } from "./stack.ts";

const SECRET_BYTES = 32;

/**
 * Makes what CloudFront proves itself to the API by, unless it is there: a random parameter in Parameter Store, which the
 * stack resolves when it is made, so that it is in no file and no template. A standard parameter costs nothing; a secret of
 * Secrets Manager would cost each month, used or not. It is no SecureString, since CloudFormation resolves those neither for
 * CloudFront nor for a function's environment.
 *
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-ssm.html
 *
 * @param name The parameter's, with a slash before it.
 * @param tags The stack's: the parameter is none of its resources, and would have none of them.
 */
export async function ensureOriginSecret(
  name: string,
  tags: Readonly<Record<string, string>>,
  config: AwsConfig,
): Promise<void> {
  const client = new SSMClient(config);
  try {
    await client.send(
      new PutParameterCommand({
        Name: name,
        Description: "Proves to goTalk's API that a request came through its CloudFront distribution.",
        Type: "String",
        Value: randomBytes(SECRET_BYTES).toString("base64url"),
        Overwrite: false,
        Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
      }),
    );
  } catch (error) {
    if (!(error instanceof ParameterAlreadyExists)) throw error;
  } finally {
    client.destroy();
  }
}

/** Deletes it; there is nothing to do if it is not there. */
export async function deleteOriginSecret(name: string, config: AwsConfig): Promise<void> {
  const client = new SSMClient(config);
  try {
    await client.send(new DeleteParameterCommand({ Name: name }));
  } catch (error) {
    if (!(error instanceof ParameterNotFound)) throw error;
  } finally {
    client.destroy();
  }
}
