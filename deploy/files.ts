import { DeleteBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { emptyBucket } from "./bucket.ts";
import type { AwsConfig } from "./stack.ts";

/** The logical id of the bucket of files. Like a table, it has data, and outlives the stack. */
export const FILES_BUCKET = "FilesBucket";

/** Where a stack is. */
interface Place {
  readonly account: string;
  readonly region: string;
}

/** The name of the bucket. @param pattern As in the template: account and region stand open. */
export const filesBucketName = (pattern: string, { account, region }: Place): string =>
  pattern.replaceAll("${AWS::AccountId}", account).replaceAll("${AWS::Region}", region);

const LONGEST_NAME = 63;
const ACCOUNT_DIGITS = "0".repeat(12);

/**
 * Finds a stage that no bucket can be named after.
 *
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
 */
export function problemWithBucketName(pattern: string, region: string): string | undefined {
  const name = filesBucketName(pattern, { account: ACCOUNT_DIGITS, region });
  if (/^[a-z0-9-]+$/.test(name) && name.length <= LONGEST_NAME) return undefined;
  return `The bucket of files would be called ${name}. S3 takes ${LONGEST_NAME} characters of a-z 0-9 - at most: choose another stage.`;
}

interface BucketResource {
  readonly Type: string;
  readonly Properties?: Record<string, unknown>;
}

/**
 * Puts the bucket's name into the template. CloudFormation takes a bucket in again that an earlier stack has left only where its name is
 * a text.
 */
export function nameFilesBucket(resources: Readonly<Record<string, BucketResource>>, name: string): void {
  const { Properties } = resources[FILES_BUCKET] ?? {};
  if (Properties) Properties["BucketName"] = name;
}

/** Deletes a bucket for good, with all that is in it. One that is not there counts as deleted. */
export async function deleteBucket(name: string, config: AwsConfig): Promise<void> {
  await emptyBucket(name, config);
  const client = new S3Client(config);
  try {
    await client.send(new DeleteBucketCommand({ Bucket: name }));
  } catch (error) {
    if (!(error instanceof Error && error.name === "NoSuchBucket")) throw error;
  } finally {
    client.destroy();
  }
}
