import {
  type BucketLocationConstraint,
  CreateBucketCommand,
  HeadBucketCommand,
  PutBucketCorsCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketPolicyCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { corsRulesOf, lifecycleRulesOf } from "./bucket-rules.ts";
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
  /** Of the page: CloudFront's own, and that of the operator. */
  readonly domains?: { readonly distribution: string | undefined; readonly own: string | undefined };
}

const BUCKET = "AWS::S3::Bucket";

/** S3 takes no name for this region. */
const FIRST_REGION = "us-east-1";

/**
 * Makes buckets again that somebody has deleted by hand, under their names, with their policies and with the rules of the bucket of
 * files. CloudFormation does not notice that they are gone, so that each further deployment would fail. What S3 gives to each new
 * bucket is what the template asks for beside these: encryption, no public access, no access lists.
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
      await putRules(client, physicalId, rulesOf(logicalId, blueprint, config.region));
      made.push(physicalId);
    }
    return made;
  } finally {
    client.destroy();
  }
}

/** A bucket that this account may not read exists, too. */
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

/** What else the template says of a bucket, worked out. */
function rulesOf(logicalId: string, blueprint: Blueprint, region: string): Readonly<Record<string, unknown>> {
  const { LifecycleConfiguration, CorsConfiguration } = blueprint.template[logicalId]?.Properties ?? {};
  const rules = {
    ...(LifecycleConfiguration !== undefined && { LifecycleConfiguration }),
    ...(CorsConfiguration !== undefined && { CorsConfiguration }),
  };
  return resolved(rules, factsOf(blueprint, region)) as Readonly<Record<string, unknown>>;
}

async function putRules(client: S3Client, Bucket: string, rules: Readonly<Record<string, unknown>>): Promise<void> {
  const { LifecycleConfiguration: lifecycle, CorsConfiguration: cors } = rules;
  if (lifecycle !== undefined) {
    const LifecycleConfiguration = { Rules: lifecycleRulesOf(lifecycle) };
    await client.send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration }));
  }
  if (cors !== undefined) {
    const CORSConfiguration = { CORSRules: corsRulesOf(cors) };
    await client.send(new PutBucketCorsCommand({ Bucket, CORSConfiguration }));
  }
}

const refOf = (value: TemplateValue | undefined): unknown =>
  typeof value === "object" && value !== null && "Ref" in value ? value["Ref"] : undefined;

function factsOf({ resources, account, domains }: Blueprint, region: string): Facts {
  const { id, partition } = account;
  const buckets = resources.filter(({ type }) => type === BUCKET);
  return {
    refs: {
      ...Object.fromEntries(resources.map(({ logicalId, physicalId }) => [logicalId, physicalId])),
      "AWS::AccountId": id,
      "AWS::Partition": partition,
      "AWS::Region": region,
      ...(domains?.own !== undefined && { DomainName: domains.own }),
    },
    attributes: {
      ...Object.fromEntries(
        buckets.map(({ logicalId, physicalId }) => [`${logicalId}.Arn`, `arn:${partition}:s3:::${physicalId}`]),
      ),
      ...(domains?.distribution !== undefined && { "Distribution.DomainName": domains.distribution }),
    },
    // As the stack is now: the update that follows changes the policy with it.
    conditions: {
      HasCloudFront: resources.some(({ logicalId }) => logicalId === "Distribution"),
      HasDomain: domains?.own !== undefined,
    },
  };
}
