import { AwsV4Signer } from "aws4fetch";
import { LIMITS } from "../contract/limits.ts";
import { type Clock, timestamp } from "../runtime/clock.ts";

/** Where files are, and by what right this function speaks for the store. */
export interface FileStoreSettings {
  /**
   * The bucket's URL without a slash at its end. A path alone is on the host that a request came to: the local stack has its store on
   * its own port, under whatever name it is reached by.
   */
  readonly url: string;
  readonly region: string;
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string | undefined;
  };
}

/** A request that anyone who has its URL may make, until some time. */
interface Presigned {
  readonly url: string;
  /** Until when it must begin. RFC 3339. */
  readonly expiresAt: string;
}

/** Of what all files are, so that no browser shows one as a page. */
const CONTENT_TYPE = "application/octet-stream";

/**
 * Presigns requests to the store of files (AWS Signature Version 4, in the query). That is arithmetic: no call, and so nothing is
 * known of what the store has.
 *
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
 */
export class FileStore {
  readonly #settings: FileStoreSettings;
  readonly #now: Clock;
  /** Of the keys that signatures are made with, which change with the day. */
  readonly #keys = new Map<string, ArrayBuffer>();

  constructor(settings: FileStoreSettings, now: Clock) {
    this.#settings = settings;
    this.#now = now;
  }

  /**
   * Allows one body to be uploaded: its length and its checksum are signed, so that the store refuses any other.
   *
   * @param asked The host that the request came to.
   * @returns The URL, and the headers that the client must send with the body. Each HTTP client sends `content-length` by itself.
   */
  async presignUpload(
    fileId: string,
    { bytes, sha256 }: { readonly bytes: number; readonly sha256: string },
    asked: string,
  ): Promise<Presigned & { readonly headers: Readonly<Record<string, string>> }> {
    const headers = { "content-type": CONTENT_TYPE, "x-amz-checksum-sha256": sha256 };
    const signed = { ...headers, "content-length": String(bytes) };
    return { ...(await this.#presign("PUT", fileId, asked, LIMITS.files.uploadTime, signed)), headers };
  }

  /** Allows a file to be fetched. @param asked The host that the request came to. */
  presignDownload(fileId: string, asked: string): Promise<Presigned> {
    return this.#presign("GET", fileId, asked, LIMITS.files.fetchTime, {});
  }

  async #presign(
    method: string,
    fileId: string,
    asked: string,
    time: number,
    headers: Readonly<Record<string, string>>,
  ): Promise<Presigned> {
    // A signature has its time in seconds.
    const now = Math.floor(this.#now() / 1_000) * 1_000;
    const { url: place, region, credentials } = this.#settings;
    const url = new URL(`${place}/${fileId}`, `http://${asked}`);
    url.searchParams.set("X-Amz-Expires", String(time / 1_000));
    const signer = new AwsV4Signer({
      method,
      url: url.href,
      headers: { ...headers },
      ...credentials,
      sessionToken: credentials.sessionToken ?? "",
      service: "s3",
      region,
      datetime: new Date(now).toISOString().replace(/[:-]|\.\d{3}/g, ""),
      signQuery: true,
      allHeaders: true,
      cache: this.#keys,
    });
    const { url: presigned } = await signer.sign();
    return { url: presigned.href, expiresAt: timestamp(now + time) };
  }
}
