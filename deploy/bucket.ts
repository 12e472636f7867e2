import {
  DeleteObjectsCommand,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  type ObjectIdentifier,
  PutObjectCommand,
  paginateListObjectsV2,
  S3Client,
} from "@aws-sdk/client-s3";
import type { ReadFile } from "./page-contents.ts";
import type { AwsConfig } from "./stack.ts";

const DAY = 24 * 60 * 60 * 1000;

/** How long an asset that the page does not have any more is kept: somebody may have the old page open. */
const OLD_ASSETS_KEPT = 30 * DAY;

const keyOf = ({ path }: ReadFile): string => path.slice(1);

/** The private bucket that CloudFront takes the page from. */
export class PageBucket {
  readonly #client: S3Client;
  readonly #name: string;

  constructor(name: string, config: AwsConfig) {
    this.#client = new S3Client(config);
    this.#name = name;
  }

  /**
   * Puts the files there. Those whose names change with their content come first: a page never refers to what is not there
   * yet. Old ones go after a while.
   */
  async publish(files: readonly ReadFile[]): Promise<void> {
    const isKept = ({ cacheControl }: ReadFile): boolean => cacheControl.includes("immutable");
    for (const part of [files.filter(isKept), files.filter((file) => !isKept(file))]) {
      await Promise.all(part.map((file) => this.#put(file)));
    }
    await this.#deleteOld(new Set(files.map(keyOf)));
  }

  async #put(file: ReadFile): Promise<void> {
    await this.#client.send(
      new PutObjectCommand({
        Bucket: this.#name,
        Key: keyOf(file),
        Body: file.content,
        ContentType: file.type,
        CacheControl: file.cacheControl,
      }),
    );
  }

  async #deleteOld(current: ReadonlySet<string>): Promise<void> {
    const before = Date.now() - OLD_ASSETS_KEPT;
    for await (const { Contents = [] } of paginateListObjectsV2({ client: this.#client }, { Bucket: this.#name })) {
      const old = Contents.filter(({ Key = "", LastModified }) => !current.has(Key) && Number(LastModified) < before);
      await deleteObjects(
        this.#client,
        this.#name,
        old.map(({ Key }) => ({ Key })),
      );
    }
  }
}

/**
 * Deletes everything in a bucket: only an empty bucket can be removed. Old versions and delete markers go, too. A bucket
 * that does not exist counts as empty.
 */
export async function emptyBucket(name: string, config: AwsConfig): Promise<void> {
  const client = new S3Client(config);
  try {
    let next: { KeyMarker?: string | undefined; VersionIdMarker?: string | undefined } | undefined = {};
    while (next !== undefined) {
      const page: ListObjectVersionsCommandOutput = await client.send(
        new ListObjectVersionsCommand({ Bucket: name, ...next }),
      );
      const all = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])];
      await deleteObjects(
        client,
        name,
        all.map(({ Key, VersionId }) => ({ Key, VersionId })),
      );
      next = page.IsTruncated
        ? { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker }
        : undefined;
    }
  } catch (error) {
    if (!(error instanceof Error && error.name === "NoSuchBucket")) throw error;
  } finally {
    client.destroy();
  }
}

/** @param listed What one page of a list has, which one deletion takes: 1,000 objects. */
async function deleteObjects(
  client: S3Client,
  bucket: string,
  listed: readonly Partial<ObjectIdentifier>[],
): Promise<void> {
  if (listed.length === 0) return;
  const Objects = listed.map(({ Key, VersionId }) => ({ Key, ...(VersionId !== undefined && { VersionId }) }));
  const { Errors = [] } = await client.send(
    new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } }),
  );
  const [first] = Errors;
  if (first) throw new Error(`${first.Key} cannot be deleted from the bucket ${bucket}: ${first.Message}`);
}
