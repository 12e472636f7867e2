import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { openAsBlob, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { FILE_BYTES } from "../../lib/contract/files.ts";
import { temporaryFolder } from "../support/folders.ts";
import { type ClientPerson, newcomer } from "../support/people.ts";
import { seedUser, sharedStack } from "../support/shared/index.ts";
import type { FileTask } from "./file-memory-process.ts";

const PROGRAM = fileURLToPath(new URL("file-memory-process.ts", import.meta.url));

/** What docs/client.md says: so many times the size of the file, at most. */
const TIMES = 3;

describe("the largest file, in a program that is moving it", () => {
  let url: string;
  let ann: ClientPerson;
  let large: string;
  let warmUp: string;

  beforeAll(async () => {
    ({ url } = await sharedStack());
    ann = await newcomer(url, { register: seedUser, live: false });
    [large, warmUp] = ["large", "small"].map((name) => join(temporaryFolder(), name)) as [string, string];
    writeFileSync(large, randomBytes(FILE_BYTES));
    writeFileSync(warmUp, randomBytes(100_000));
  });

  /** Runs the program. */
  const run = ({ send, fetch }: Pick<FileTask, "send" | "fetch">) =>
    new Promise<{ taken: number; bytes?: number }>((resolve, reject) => {
      const { username, password } = ann;
      const task: FileTask = { url, username, password, warmUp, ...(send && { send }), ...(fetch && { fetch }) };
      const child = execFile(process.execPath, [PROGRAM], (error, output) =>
        error ? reject(error) : resolve(JSON.parse(output)),
      );
      child.stdin?.end(JSON.stringify(task));
    });

  const expectLittle = (what: string, taken: number): void => {
    console.info(`${what}: ${(taken / FILE_BYTES).toFixed(2)} times the size of the file`);
    expect(taken).toBeLessThanOrEqual(TIMES * FILE_BYTES);
  };

  it("takes at most three times its size of memory to send", async () => {
    expectLittle("sendFile", (await run({ send: large })).taken);
  });

  it("takes at most three times its size of memory to fetch", async () => {
    const fetch = await ann.client.uploadFile(await openAsBlob(large), { name: "file" });
    const { taken, bytes } = await run({ fetch });
    expect(bytes).toBe(FILE_BYTES);
    expectLittle("fetchFile", taken);
  });
});
