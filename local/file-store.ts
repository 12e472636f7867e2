import { hkdfSync } from "node:crypto";
import type { Server } from "node:http";
import { join } from "node:path";
import { FILES_PATH, serveFiles } from "./file-server.ts";
import type { Signer } from "./signature.ts";
import { StoredFiles } from "./stored-files.ts";

/** How often files are looked for whose time has passed. */
const SWEEP_MS = 6 * 3_600_000;

const KEY_BYTES = 32;

/** The store of files of the local stack. */
export interface FileStoreSide {
  /** Serves it on the HTTP server's port too. */
  serveOn(server: Server): void;
  stop(): void;
}

interface Options {
  /** The data folder. */
  readonly folder: string;
  /** The text of the token key. */
  readonly tokenKey: string;
  readonly region: string;
  /** Is told of defects. */
  fail(error: unknown): void;
}

type Definitions = Record<string, { environment?: Record<string, unknown> }>;

/**
 * Prepares the store, and tells the functions that need one where it is and how to sign for it. What they sign with is made of the
 * token key, so that a URL holds over a restart. The SDK's own credentials here are known to everybody.
 *
 * @param functions as declared; those that name a store in their environment get this one
 */
export function prepareFileStore(functions: Definitions, { folder, tokenKey, region, fail }: Options): FileStoreSide {
  const secret = Buffer.from(hkdfSync("sha256", tokenKey, "", "gotalk files", KEY_BYTES)).toString("base64url");
  const signer: Signer = { accessKeyId: "local", secretAccessKey: secret, region };
  for (const { environment } of Object.values(functions)) {
    if (environment === undefined || !("FILES_URL" in environment)) continue;
    Object.assign(environment, {
      FILES_URL: FILES_PATH,
      FILES_ACCESS_KEY_ID: signer.accessKeyId,
      FILES_SECRET_ACCESS_KEY: signer.secretAccessKey,
    });
  }
  const files = new StoredFiles(join(folder, "files"));
  const sweep = (): void => void files.removeExpired(Date.now()).catch(fail);
  sweep();
  const timer = setInterval(sweep, SWEEP_MS).unref();
  return {
    serveOn: (server) => serveFiles(server, { files, signer, now: Date.now, fail }),
    stop: () => clearInterval(timer),
  };
}
