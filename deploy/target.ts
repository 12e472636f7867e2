import { GetCallerIdentityCommand, STSClient, type STSClientConfig } from "@aws-sdk/client-sts";

/** The account that the credentials are of. */
export interface Account {
  readonly id: string;
  /** Such as `aws`, or `aws-cn` in China. */
  readonly partition: string;
}

/** What a command works on. */
export interface Target {
  readonly stage: string;
  readonly region: string;
}

/** Asks AWS. Nobody can be forbidden this call; it needs credentials only. */
export async function accountOf(config: STSClientConfig): Promise<Account> {
  const client = new STSClient(config);
  try {
    const { Account: id = "", Arn = "" } = await client.send(new GetCallerIdentityCommand());
    return { id, partition: Arn.split(":")[1] ?? "aws" };
  } finally {
    client.destroy();
  }
}

/**
 * Names a deployment, for the first line that a command prints: several accounts have stages of one name, and which
 * account is meant depends on a profile or a variable that nobody sees.
 *
 * @param where The account, or the URL of an engine that stands in for AWS's DynamoDB.
 */
export const deploymentTarget = ({ stage, region }: Target, where: Pick<Account, "id"> | string): string =>
  `Target: stage ${stage} in ${region}, ${typeof where === "string" ? `at ${where}` : `AWS account ${where.id}`}`;

/** Names what is on this machine, for the first line that a command prints. */
export const localTarget = (data: string): string =>
  `Target: this machine, ${data}. For a deployment add --stage STAGE.`;
