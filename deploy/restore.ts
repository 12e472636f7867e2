import {
  type BucketLocationConstraint,
  CreateBucketCommand,
  HeadBucketCommand,
  PutBucketPolicyCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { type Facts, resolved, type TemplateValue } from "./intrinsics.ts";
import type { AwsConfig, StackResource } from "./stack.ts";
import type { Account } from "./target.ts";

/** A resource of a template. */
export interface TemplateResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, TemplateValue>>;
}

/** What is needed to make a part of a stack again. */
export interface Blueprint {
  /** What the stack believes it has. */
  readonly resources: readonly StackResource[];
  /** The template's, by their logical ids. */
  readonly template: Readonly<Record<string, TemplateResource>>;
  readonly account: Account;
}

const BUCKET = "AWS::S3::Bucket";

/** S3 takes no name for this region. */
const FIRST_REGION = "us-east-1";

/**
 * Makes buckets again that somebody has deleted by hand, under their names and with their policies. CloudFormation does not
 * notice that they are gone, so that each further deployment would fail. What S3 gives to each new bucket is what the
 * template asks for beside the policy: encryption, no public access, no access lists.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-bucket-encryption.html
 *
 * @param say Tells the operator what is done.
 * @returns The names of the buckets that were made.
 */
export async function restoreBuckets(
  blueprint: Blueprint,
  config: AwsConfig,
  say: (line: string) => void,
): Promise<string[]> {
  const client = new S3Client(config);
  const made: string[] = [];
  try {
    for (const { logicalId, physicalId, type } of blueprint.resources) {
      if (type !== BUCKET || (await isThere(client, physicalId))) continue;
      say(`The bucket ${physicalId} is gone. It is made again ...`);
      await make(client, physicalId, config.region);
      const policy = policyOf(logicalId, blueprint, config.region);
      if (policy !== undefined) await client.send(new PutBucketPolicyCommand({ Bucket: physicalId, Policy: policy }));
      made.push(physicalId);
    }
    return made;
  } finally {
    client.destroy();
  }
}

/** A bucket that may not be looked at is there. */
async function isThere(client: S3Client, Bucket: string): Promise<boolean> {
  try {
    await client.send(new HeadBucketCommand({ Bucket }));
    return true;
  } catch (error) {
    if (error instanceof Error && ["NotFound", "NoSuchBucket"].includes(error.name)) return false;
    if (error instanceof Error && error.name === "Forbidden") return true;
    throw error;
  }
}

async function make(client: S3Client, Bucket: string, region: string): Promise<void> {
  const LocationConstraint = region as BucketLocationConstraint;
  const isElsewhere = region !== FIRST_REGION;
  await client.send(
    new CreateBucketCommand({ Bucket, ...(isElsewhere && { CreateBucketConfiguration: { LocationConstraint } }) }),
  );
}

function policyOf(logicalId: string, blueprint: Blueprint, region: string): string | undefined {
  const policy = Object.values(blueprint.template).find(
    ({ Type, Properties }) => Type === "AWS::S3::BucketPolicy" && refOf(Properties?.["Bucket"]) === logicalId,
  );
  const document = policy?.Properties?.["PolicyDocument"];
  return document === undefined ? undefined : JSON.stringify(resolved(document, factsOf(blueprint, region)));
}

const refOf = (value: TemplateValue | undefined): unknown =>
  typeof value === "object" && value !== null && "Ref" in value ? value["Ref"] : undefined;

function factsOf({ resources, account }: Blueprint, region: string): Facts {
  const { id, partition } = account;
  const buckets = resources.filter(({ type }) => type === BUCKET);
  return {
    refs: {
      ...Object.fromEntries(resources.map(({ logicalId, physicalId }) => [logicalId, physicalId])),
      "AWS::AccountId": id,
      "AWS::Partition": partition,
      "AWS::Region": region,
    },
    attributes: Object.fromEntries(
      buckets.map(({ logicalId, physicalId }) => [`${logicalId}.Arn`, `arn:${partition}:s3:::${physicalId}`]),
    ),
    // As the stack is now: the update that follows changes the policy with it.
    conditions: { HasCloudFront: resources.some(({ logicalId }) => logicalId === "Distribution") },
  };
}
