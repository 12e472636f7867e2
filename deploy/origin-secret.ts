import { randomBytes } from "node:crypto";
import { CloudFrontClient, GetDistributionConfigCommand } from "@aws-sdk/client-cloudfront";
import {
  DeleteParameterCommand,
  GetParameterCommand,
  ParameterAlreadyExists,
  ParameterNotFound,
  PutParameterCommand,
  SSMClient,
} from "@aws-sdk/client-ssm";
import type { AwsConfig } from "./stack.ts";

const SECRET_BYTES = 32;

/** The header by which CloudFront shows it, see `page.yml`. */
const HEADER = "x-gotalk-origin";

/** What a deployment knows of the secret. */
export interface OriginSecret {
  /** The parameter's, with a slash before it. */
  readonly name: string;
  /** The stack's tags. The parameter is not in the stack, so it does not get them by itself. */
  readonly tags: Readonly<Record<string, string>>;
  /** The distribution that is there already, if there is one. */
  readonly distributionId: string | undefined;
}

/**
 * Makes what CloudFront proves itself to the API by, unless it is there: a random parameter in Parameter Store, which the
 * stack resolves when it is made, so that it is in no file and no template. A standard parameter costs nothing; a secret of
 * Secrets Manager would cost each month, used or not. It is no SecureString, since CloudFormation resolves those neither for
 * CloudFront nor for a function's environment.
 *
 * Where somebody has deleted the parameter, it gets the value again that the distribution has. CloudFormation resolves it
 * anew only for what an update changes: with another value CloudFront and the functions would not agree any more, and all
 * clients would count as one address.
 *
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-ssm.html
 */
export async function ensureOriginSecret(
  { name, tags, distributionId }: OriginSecret,
  config: AwsConfig,
): Promise<void> {
  const client = new SSMClient(config);
  try {
    if (await isThere(client, name)) return;
    const inUse = distributionId === undefined ? undefined : await secretOf(distributionId, config);
    await client.send(
      new PutParameterCommand({
        Name: name,
        Description: "Proves to goTalk's API that a request came through its CloudFront distribution.",
        Type: "String",
        Value: inUse ?? randomBytes(SECRET_BYTES).toString("base64url"),
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

async function isThere(client: SSMClient, Name: string): Promise<boolean> {
  try {
    await client.send(new GetParameterCommand({ Name }));
    return true;
  } catch (error) {
    if (error instanceof ParameterNotFound) return false;
    throw error;
  }
}

/** Undefined when there is no such distribution any more. */
async function secretOf(distributionId: string, config: AwsConfig): Promise<string | undefined> {
  const client = new CloudFrontClient(config);
  try {
    const { DistributionConfig } = await client.send(new GetDistributionConfigCommand({ Id: distributionId }));
    const headers = DistributionConfig?.Origins?.Items?.flatMap(({ CustomHeaders }) => CustomHeaders?.Items ?? []);
    return headers?.find(({ HeaderName }) => HeaderName === HEADER)?.HeaderValue;
  } catch (error) {
    if (error instanceof Error && error.name === "NoSuchDistribution") return undefined;
    throw error;
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
