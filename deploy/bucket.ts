import { readFile } from "node:fs/promises";
import { DeleteObjectsCommand, PutObjectCommand, paginateListObjectsV2, S3Client } from "@aws-sdk/client-s3";
import type { PageFile } from "../local/page-files.ts";
import type { AwsConfig } from "./stack.ts";

const DAY = 24 * 60 * 60 * 1000;

/** How long an asset that the page does not have any more is kept: somebody may have the old page open. */
const OLD_ASSETS_KEPT = 30 * DAY;

const keyOf = ({ path }: PageFile): string => path.slice(1);

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
  async publish(files: readonly PageFile[]): Promise<void> {
    const isKept = ({ cacheControl }: PageFile): boolean => cacheControl.includes("immutable");
    for (const part of [files.filter(isKept), files.filter((file) => !isKept(file))]) {
      await Promise.all(part.map((file) => this.#put(file)));
    }
    const current = new Set(files.map(keyOf));
    const before = Date.now() - OLD_ASSETS_KEPT;
    await this.#delete((key, changedAt) => !current.has(key) && changedAt < before);
  }

  /** Deletes all that is in it: a bucket can be removed only when it is empty. */
  async empty(): Promise<void> {
    await this.#delete(() => true);
  }

  async #put(file: PageFile): Promise<void> {
    await this.#client.send(
      new PutObjectCommand({
        Bucket: this.#name,
        Key: keyOf(file),
        Body: await readFile(file.file),
        ContentType: file.type,
        CacheControl: file.cacheControl,
      }),
    );
  }

  async #delete(isMeant: (key: string, changedAt: number) => boolean): Promise<void> {
    // A page of this list is what one deletion takes: 1,000 objects.
    for await (const { Contents = [] } of paginateListObjectsV2({ client: this.#client }, { Bucket: this.#name })) {
      const Objects = Contents.filter(({ Key = "", LastModified }) => isMeant(Key, Number(LastModified))).map(
        ({ Key }) => ({ Key }),
      );
      if (Objects.length === 0) continue;
      const { Errors = [] } = await this.#client.send(
        new DeleteObjectsCommand({ Bucket: this.#name, Delete: { Objects, Quiet: true } }),
      );
      const [first] = Errors;
      if (first) throw new Error(`${first.Key} cannot be deleted from the bucket ${this.#name}: ${first.Message}`);
    }
  }
}
