import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { S3Client } from "@aws-sdk/client-s3";
import { onTestFinished } from "vitest";
import { FileStore } from "../../lib/files/file-store.ts";
import { FILES_PATH, serveFiles } from "../../local/file-server.ts";
import type { Signer } from "../../local/signature.ts";
import { StoredFiles } from "../../local/stored-files.ts";
import { temporaryFolder } from "../support/folders.ts";

export const SIGNER: Signer = {
  accessKeyId: "local",
  secretAccessKey: "a secret of this test",
  region: "eu-central-1",
};

/** A local store by itself, with a clock that a test moves, and goTalk's own presigner. */
export interface StoreWorld {
  readonly host: string;
  readonly origin: string;
  readonly folder: string;
  readonly presigner: FileStore;
  readonly clock: { now: number };
  /** Defects that the store has told of. */
  readonly faults: unknown[];
  /** AWS's own client, for which the store is a bucket. */
  sdk(overrides?: Partial<Signer>): S3Client;
}

export const BUCKET = FILES_PATH.slice(1);

/** Starts a store that does not outlive the test. */
export async function startStore(folder = temporaryFolder()): Promise<StoreWorld> {
  const clock = { now: Date.now() };
  const faults: unknown[] = [];
  const server = createServer((_, response) => void response.writeHead(418).end("the API"));
  const now = (): number => clock.now;
  serveFiles(server, { files: new StoredFiles(folder), signer: SIGNER, now, fail: (error) => faults.push(error) });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { region, ...credentials } = SIGNER;
  return {
    host,
    origin: `http://${host}`,
    folder,
    presigner: new FileStore({ url: FILES_PATH, region, credentials }, now),
    clock,
    faults,
    sdk: (overrides = {}) => {
      const { region: place, ...keys } = { ...SIGNER, ...overrides };
      const client = new S3Client({
        endpoint: `http://${host}`,
        forcePathStyle: true,
        region: place,
        credentials: keys,
        maxAttempts: 1,
        requestChecksumCalculation: "WHEN_REQUIRED",
      });
      onTestFinished(() => client.destroy());
      return client;
    },
  };
}

export const newFileId = (): string => randomBytes(16).toString("base64url");
