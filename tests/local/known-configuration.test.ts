import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Serverless } from "serverless-offline";
import { expect, test } from "vitest";
import { rememberRightConfigurations } from "../../local/known-configuration.ts";
import { temporaryFolder } from "../support/folders.ts";

type Configuration = Record<string, unknown>;

/** The framework's check, so far as a start sees it. */
function starts(folder: string, check: (configuration: Configuration) => void = () => {}) {
  let checks = 0;
  const configSchemaHandler = {
    validateConfig: async (configuration: Configuration) => {
      checks++;
      check(configuration);
    },
  };
  rememberRightConfigurations({ configSchemaHandler } as unknown as Serverless, folder);
  return {
    start: (configuration: Configuration) => configSchemaHandler.validateConfig(configuration),
    checks: () => checks,
  };
}

test("a configuration is checked once, whatever is in the part that is free", async () => {
  const folder = join(temporaryFolder(), "configurations");
  const { start, checks } = starts(folder);
  await start({ service: "gotalk", custom: { port: 1 } });
  await start({ service: "gotalk", custom: { port: 2 } });
  expect(checks()).toBe(1);
  await start({ service: "other", custom: { port: 1 } });
  expect(checks()).toBe(2);

  const next = starts(folder);
  await next.start({ service: "gotalk" });
  expect(next.checks()).toBe(0);
});

test("a mistake is found at each start", async () => {
  const { start } = starts(temporaryFolder(), () => {
    throw new Error("unrecognized property 'evnts'");
  });
  await expect(start({ evnts: [] })).rejects.toThrow("evnts");
  await expect(start({ evnts: [] })).rejects.toThrow("evnts");
});

test("what the check changes is changed at each start", async () => {
  const { start } = starts(temporaryFolder(), (configuration) => {
    configuration["timeout"] = Number(configuration["timeout"]);
  });
  for (const configuration of [{ timeout: "10" }, { timeout: "10" }]) {
    await start(configuration);
    expect(configuration).toEqual({ timeout: 10 });
  }
});

test("where nothing can be kept, each start checks", async () => {
  const file = join(temporaryFolder(), "file");
  writeFileSync(file, "");
  const { start, checks } = starts(join(file, "below"));
  await start({ service: "gotalk" });
  await start({ service: "gotalk" });
  expect(checks()).toBe(2);
});
