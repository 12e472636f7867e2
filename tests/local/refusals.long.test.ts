import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { startEmbedded } from "../../local/database.ts";
import { completeSdkSettings } from "../../local/environment.ts";
import { declaredTables } from "../../stack/tables.ts";
import { temporaryFolder } from "../support/folders.ts";
import { freePort } from "../support/ports.ts";
import { launchStack } from "../support/stack.ts";
import { start } from "./stacks.ts";

interface Settings {
  readonly data?: string;
  readonly port?: number;
  readonly env?: NodeJS.ProcessEnv;
}

/** The one line of a stack that gave up as it should. */
async function refusal({ data = temporaryFolder(), port, env }: Settings): Promise<string> {
  const stack = launchStack(data, port ?? (await freePort()), env);
  expect(await stack.ended).toBe(1);
  const [line, ...more] = stack.output().trim().split("\n");
  expect(more).toEqual([]);
  return String(line);
}

test("a port in use, and data in use", async () => {
  const { port, data } = await start();
  expect(await refusal({ port })).toBe(
    `goTalk cannot start: Port ${port} is in use. Stop what listens there, or choose another port with PORT.`,
  );
  expect(await refusal({ data })).toBe(
    `goTalk cannot start: The data in ${data}/dynamodb is in use by another running stack. Stop it, or set GOTALK_DATA.`,
  );
});

test("a data folder that cannot be made", async () => {
  const file = join(temporaryFolder(), "file");
  writeFileSync(file, "");
  const data = join(file, "data");
  expect(await refusal({ data })).toBe(
    `goTalk cannot start: The data folder ${data} cannot be written (ENOTDIR). Make it writable, or choose another with GOTALK_DATA.`,
  );
});

test("a token key that is none", async () => {
  const data = temporaryFolder();
  writeFileSync(join(data, "token.key"), "too short\n");
  expect(await refusal({ data })).toBe(
    `goTalk cannot start: The token key ${data}/token.key is not 32 bytes in base64url. Put the right one back, or delete it: a new one is made, and everyone has to log in again.`,
  );
});

test("no engine at AWS_ENDPOINT_URL_DYNAMODB", async () => {
  const endpoint = `http://127.0.0.1:${await freePort()}`;
  expect(await refusal({ env: { AWS_ENDPOINT_URL_DYNAMODB: endpoint } })).toBe(
    `goTalk cannot start: The DynamoDB engine at ${endpoint} cannot be used (ECONNREFUSED). Start it, or unset AWS_ENDPOINT_URL_DYNAMODB to use the embedded one.`,
  );
});

/** Lets the start of the database's engine fail in a way that has no words of its own. */
const UNFORESEEN = `import { Server } from "node:net";
const { listen } = Server.prototype;
Server.prototype.listen = function (...values) {
  if (values[0] === 0) throw new TypeError("nobody has foreseen this");
  return listen.apply(this, values);
};`;

test("what nobody has foreseen is printed as it is, and ends the stack as well", async () => {
  const stack = launchStack(temporaryFolder(), await freePort(), {
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(UNFORESEEN)}`,
  });
  expect(await stack.ended).toBe(1);
  expect(stack.output()).toMatch(/^goTalk cannot start: TypeError: nobody has foreseen this\n/);
});

describe("a broken database", () => {
  beforeAll(() => completeSdkSettings("us-east-1"));

  async function broken(file: string): Promise<string> {
    const folder = temporaryFolder();
    await (await startEmbedded(folder, declaredTables())).stop();
    const database = join(folder, "dynamodb");
    const name = readdirSync(database).find((each) => each.startsWith(file));
    writeFileSync(join(database, String(name)), "not what was written here");
    return folder;
  }

  test("gives up with what is wrong and what to do", async () => {
    const data = await broken("CURRENT");
    expect(await refusal({ data })).toMatch(
      /^goTalk cannot start: The database in .*\/dynamodb cannot be opened \(Corruption: .+\)\. Put a backup back, or move the folder away to start empty\.$/,
    );
  });

  test("whichever file it is", async () => {
    const data = await broken("MANIFEST");
    await expect(startEmbedded(data, declaredTables())).rejects.toThrow("Put a backup back");
  });
});
