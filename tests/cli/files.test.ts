import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { sharedStack } from "../support/shared/index.ts";
import { Computer } from "../support/terminal-client.ts";

it("gotalk sends a file, and saves one", async () => {
  const here = new Computer((await sharedStack()).url);
  const { username } = await here.newcomer();
  const bytes = Uint8Array.from({ length: 100_000 }, (_, index) => (index * 7) % 256);
  writeFileSync(join(here.home, "report.pdf"), bytes);
  expect(await here.run(["send", "--file", "report.pdf", username])).toMatchObject({ code: 0, stdout: "", stderr: "" });
  const { code, stdout } = await here.run(["receive", "--no-wait", "--files", "files"]);
  const path = join(here.home, "files/report.pdf");
  expect(code).toBe(0);
  expect(stdout).toContain(`${username} sent the file "report.pdf" (100 KB), saved as ${path}`);
  expect(readFileSync(path).equals(bytes)).toBe(true);
});
