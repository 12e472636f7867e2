import { existsSync, readdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { expect, it, vi } from "vitest";
import { LIMIT_MS } from "../support/eventually.ts";
import { sharedStack } from "../support/shared/index.ts";
import { Computer } from "../support/terminal-client.ts";

it("gotalk receive --exec gives a message up as often as other runs have tried, which had the message before", async () => {
  const { url } = await sharedStack();
  const here = new Computer(url);
  const { client, id } = await here.newcomer();
  const [dead, log] = [join(here.home, "dead.jsonl"), join(here.home, "log")];
  const attempt = (...options: string[]) =>
    here.run([
      "receive",
      "--no-wait",
      "--exec",
      `read -r line; echo "$line $GOTALK_REDELIVERED" >> ${log}; exit 1`,
      ...options,
    ]);
  const lines = (file: string): string[] => (existsSync(file) ? readFileSync(file, "utf8").trimEnd().split("\n") : []);

  await client.send({ to: id, content: "one" });
  // A chain of receipts that a process on another machine left, with what it had begun.
  await attempt();
  const name = readdirSync(here.folder).find((file) => file.includes(".free.")) ?? "";
  renameSync(join(here.folder, name), join(here.folder, name.replace(".free.", ".elsewhere.1.")));
  await vi.waitFor(
    async () => {
      await attempt("--max-attempts", "2", "--dead-letter", dead);
      expect(lines(dead).map((line) => JSON.parse(line))).toMatchObject([
        { content: "one", deadLetter: { attempts: 2 } },
      ]);
    },
    { timeout: LIMIT_MS, interval: 2_000 },
  );
  expect(lines(log)).toEqual(["one false", "one true"]);
});
