import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { GetItemCommand } from "@aws-sdk/client-dynamodb";
import { beforeAll, expect, test } from "vitest";
import { tokenKeyKey } from "../../../lib/database/account-keys.ts";
import { toItem } from "../../../lib/database/accounts-table.ts";
import { StoredKeyRing } from "../../../lib/tokens/stored-key-ring.ts";
import { openTokenKey } from "../../../local/token-key.ts";
import { startEngine, type TestEngine } from "../../support/engines.ts";
import { temporaryFolder } from "../../support/folders.ts";
import { Cloud } from "../cloud.ts";

const MAIN = fileURLToPath(new URL("../../../deploy/commands/rotate-key.ts", import.meta.url));
const CREDENTIALS = { AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" };

/** The command as a process of its own; what it printed, and its exit code. */
async function rotateKey(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const child = spawn(process.execPath, [MAIN, ...args], { env: { PATH: process.env["PATH"], ...env } });
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { output, errors, code: await ended };
}

let engine: TestEngine;
beforeAll(async () => {
  engine = await startEngine();
  return () => engine.stop();
});

test("the local key: the next start uses a new one, and keeps the old", async () => {
  const folder = temporaryFolder();
  const first = openTokenKey(folder);
  const { output, errors, code } = await rotateKey([], { GOTALK_DATA: folder });
  expect({ errors, code }).toEqual({
    errors: `Target: this machine, the data in ${folder}. For a deployment add --stage STAGE.\n`,
    code: 0,
  });
  expect(output).toContain(`a new token key in ${folder}`);
  expect(openTokenKey(folder).split("\n")).toEqual([first, expect.stringMatching(/^[\w-]+:\d+:[\w-]{43}$/)]);
  expect(output).not.toContain(openTokenKey(folder).split(":").at(-1));
});

test("a deployment's key: a new one is stored beside the old, once, and no key is printed", async () => {
  const env = { ...CREDENTIALS, AWS_ENDPOINT_URL_DYNAMODB: engine.endpoint };
  const before = await new StoredKeyRing(engine.accounts, Date.now).get(false);
  const first = await rotateKey(["--stage", "dev", "--region", "eu-central-1"], env);
  expect(first).toMatchObject({ errors: `Target: stage dev in eu-central-1, at ${engine.endpoint}\n`, code: 0 });
  expect(first.output).toContain(engine.tables.accounts);
  const second = await rotateKey(["--stage", "dev"], env);
  expect(second).toMatchObject({ errors: `Target: stage dev in us-east-1, at ${engine.endpoint}\n`, code: 0 });
  expect(second.output).toContain("Nothing is changed");

  const ring = await new StoredKeyRing(engine.accounts, Date.now).get(false);
  expect(ring.map(({ kid }) => kid)).toEqual([before[0]?.kid, expect.stringMatching(/\S/)]);
  const { Item } = await engine.client.send(
    new GetItemCommand({ TableName: engine.tables.accounts, Key: toItem(tokenKeyKey()), ConsistentRead: true }),
  );
  expect(Item?.["version"]).toEqual({ N: "2" });
  for (const { bytes } of ring) {
    for (const encoding of ["base64", "base64url", "hex"] as const) {
      expect(first.output + second.output).not.toContain(Buffer.from(bytes).toString(encoding));
    }
  }
});

test("a stage that is not deployed is said, and nothing is made", async () => {
  const env = { ...CREDENTIALS, AWS_ENDPOINT_URL_DYNAMODB: engine.endpoint };
  const { output, errors, code } = await rotateKey(["--stage", "nowhere", "--region", "eu-central-1"], env);
  expect({ output, code }).toEqual({ output: "", code: 1 });
  expect(errors).toBe(
    `Target: stage nowhere in eu-central-1, at ${engine.endpoint}\nThe token key was not rotated: there is no table gotalk-nowhere-accounts in eu-central-1. Is the stage deployed there?\n`,
  );
});

test("a deployment's account is named, and no key is rotated when AWS does not say which", async () => {
  const cloud = new Cloud(engine);
  const aws = await cloud.start();
  const env = { ...CREDENTIALS, AWS_ENDPOINT_URL: aws.config.endpoint };
  const { errors } = await rotateKey(["--stage", "dev", "--region", "eu-central-1"], env);
  expect(errors).toBe("Target: stage dev in eu-central-1, AWS account 123456789012\n");
  cloud.changes.length = 0;
  cloud.isExpired = true;
  const refused = await rotateKey(["--stage", "dev"], env);
  aws.stop();
  expect(refused).toMatchObject({ code: 1, output: "" });
  expect(cloud.changes).toEqual([]);
});

test.each([{}, { AWS_ENDPOINT_URL_DYNAMODB: "http://127.0.0.1:9" }])(
  "without credentials it says what to do",
  async (at) => {
    const env = {
      ...at,
      AWS_EC2_METADATA_DISABLED: "true",
      AWS_SHARED_CREDENTIALS_FILE: join(temporaryFolder(), "none"),
      AWS_CONFIG_FILE: join(temporaryFolder(), "none"),
    };
    const { errors, code } = await rotateKey(["--stage", "dev"], env);
    expect(code).toBe(1);
    expect(errors).toContain("there are no AWS credentials");
  },
);

test.each([["--stage"], ["--region", "eu-central-1"], ["--now"], ["dev"]])(
  "refuses %s %s, and says how",
  async (...args) => {
    const { output, errors, code } = await rotateKey(args.filter((arg) => arg !== undefined));
    expect({ output, code }).toEqual({ output: "", code: 2 });
    expect(errors).toContain("usage: npm run rotate-key [-- --stage STAGE [--region REGION]]");
  },
);

test("rotates no local key when npm has kept the stage for itself", async () => {
  const folder = temporaryFolder();
  const kept = { npm_lifecycle_event: "rotate-key", npm_config_stage: "prod" };
  const { output, errors, code } = await rotateKey([], { GOTALK_DATA: folder, ...kept });
  expect({ output, code }).toEqual({ output: "", code: 2 });
  expect(errors).toContain("npm run rotate-key -- --stage ...");
  expect(readdirSync(folder)).toEqual([]);
});
