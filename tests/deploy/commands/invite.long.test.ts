import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hashOfCode, Invites } from "../../../lib/accounts/invites.ts";
import { startEmbedded } from "../../../local/database.ts";
import { completeSdkSettings } from "../../../local/environment.ts";
import { announceEngine } from "../../../local/running-engine.ts";
import { declaredTables } from "../../../stack/tables.ts";
import { startEngine, type TestEngine } from "../../support/engines.ts";
import { temporaryFolder } from "../../support/folders.ts";
import { Cloud } from "../cloud.ts";

const MAIN = fileURLToPath(new URL("../../../deploy/commands/invite.ts", import.meta.url));
const CREDENTIALS = { AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test", AWS_REGION: "us-east-1" };
const CODE = /^[0-9A-HJKMNP-TV-Z]{5}(-[0-9A-HJKMNP-TV-Z]{5}){3}$/;
const DAY = 86_400_000;

/** The command as a process of its own. */
async function invite(args: readonly string[], env: NodeJS.ProcessEnv) {
  const child = spawn(process.execPath, [MAIN, ...args], { env: { PATH: process.env["PATH"], ...env } });
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { codes: output.split("\n").filter(Boolean), errors, code: await ended };
}

describe("npm run invite", () => {
  it.each(["stage", "days", "count"])("makes no code when npm has kept the option %s for itself", async (name) => {
    const kept = { npm_lifecycle_event: "invite", [`npm_config_${name}`]: "2" };
    const { codes, errors, code } = await invite([], { GOTALK_DATA: temporaryFolder(), ...kept });
    expect({ codes, code }).toEqual({ codes: [], code: 2 });
    expect(errors).toContain(`npm run invite -- --${name} ...`);
  });

  let engine: TestEngine;
  beforeAll(async () => {
    completeSdkSettings("us-east-1");
    engine = await startEngine();
  });
  afterAll(() => engine?.stop());

  it("makes codes for a deployment, each of its own, and stores their hashes only", async () => {
    const env = { ...CREDENTIALS, AWS_ENDPOINT_URL_DYNAMODB: engine.endpoint };
    const { codes, errors, code } = await invite(["--stage", "dev", "--count", "3", "--days", "2"], env);
    expect({ code, errors }).toEqual({
      code: 0,
      errors: `Target: stage dev in us-east-1, at ${engine.endpoint}\nEach code is for one registration, within 2 days:\n`,
    });
    expect(new Set(codes).size).toBe(3);
    for (const one of codes) {
      expect(one).toMatch(CODE);
      const at = (days: number) => new Invites(engine.accounts, () => Date.now() + days * DAY);
      expect(await at(1.9).find(hashOfCode(one))).toEqual({ use: undefined, isSpent: false });
      expect(await at(2.1).find(hashOfCode(one))).toBeUndefined();
    }
  });

  it("makes one for the local stack while it does not run, and while it does", async () => {
    const folder = temporaryFolder();
    const env = { GOTALK_DATA: folder };
    // What a stack left behind that was killed.
    writeFileSync(join(folder, "engine"), "http://127.0.0.1:9\n");
    const before = await invite([], env);
    expect(before).toMatchObject({ code: 0, codes: [expect.stringMatching(CODE)] });
    expect(before.errors).toBe(
      `Target: this machine, the data in ${folder}. For a deployment add --stage STAGE.\nEach code is for one registration, within 7 days:\n`,
    );

    const running = await startEmbedded(folder, declaredTables());
    announceEngine(folder, running);
    const during = await invite([], env);
    await running.stop();
    expect(during).toMatchObject({ code: 0, codes: [expect.stringMatching(CODE)] });

    const again = await startEmbedded(folder, declaredTables());
    const client = new DynamoDBClient({ endpoint: again.endpoint });
    const invites = new Invites({ database: client, name: engine.tables.accounts }, Date.now);
    for (const code of [...before.codes, ...during.codes]) expect(await invites.find(hashOfCode(code))).toBeDefined();
    client.destroy();
    await again.stop();
  });

  it("says what is wrong where the data is in use by who cannot be asked", async () => {
    const folder = temporaryFolder();
    const running = await startEmbedded(folder, declaredTables());
    const { codes, errors, code } = await invite([], { GOTALK_DATA: folder });
    await running.stop();
    expect({ codes, code }).toEqual({ codes: [], code: 1 });
    expect(errors).toMatch(/^Target: .*\nNo invite code was made: The data in .* is in use by another running stack\./);
  });

  it("says that a stage is not deployed", async () => {
    const env = { ...CREDENTIALS, AWS_ENDPOINT_URL_DYNAMODB: engine.endpoint };
    const { codes, errors, code } = await invite(["--stage", "nowhere", "--region", "eu-central-1"], env);
    expect({ codes, code }).toEqual({ codes: [], code: 1 });
    expect(errors).toContain("there is no table gotalk-nowhere-accounts in eu-central-1");
  });

  it("names the account where the codes count, and makes none when AWS does not say which", async () => {
    const cloud = new Cloud(engine);
    const aws = await cloud.start();
    const env = { ...CREDENTIALS, AWS_ENDPOINT_URL: aws.config.endpoint };
    const { errors, codes } = await invite(["--stage", "dev", "--region", "eu-central-1"], env);
    expect(errors).toMatch(/^Target: stage dev in eu-central-1, AWS account 123456789012\nEach code/);
    expect(codes).toHaveLength(1);
    cloud.changes.length = 0;
    cloud.isExpired = true;
    const refused = await invite(["--stage", "dev"], env);
    aws.stop();
    expect(refused).toMatchObject({ code: 1, codes: [] });
    expect(refused.errors).toContain("The security token included in the request is expired");
    expect(cloud.changes).toEqual([]);
  });

  it.each([["--count 0"], ["--count 1001"], ["--days 1.5"], ["--days 366"], ["--region x"], ["--what"], ["me"]])(
    "refuses %s, and says how",
    async (args) => {
      const { codes, errors, code } = await invite(args.split(" "), { GOTALK_DATA: temporaryFolder() });
      expect({ codes, code }).toEqual({ codes: [], code: 2 });
      expect(errors).toContain("usage: npm run invite");
    },
  );
});
