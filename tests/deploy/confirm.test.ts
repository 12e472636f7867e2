import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { quoted } from "../support/shell.ts";

const MODULE = fileURLToPath(new URL("../../deploy/confirm.ts", import.meta.url));
const CODE = `
  import { confirms } from ${JSON.stringify(MODULE)};
  console.log("confirmed:", String(await confirms("gotalk-dev", "All goes.")));
`;

/** What the terminal shows once this was typed at the question. */
function answered(keys: string): Promise<string> {
  const line = [process.execPath, "--input-type=module", "--eval", CODE].map(quoted).join(" ");
  const child = spawn("script", ["--quiet", "--return", "--command", line, "/dev/null"]);
  let shown = "";
  let isTyped = false;
  child.stdout.on("data", (chunk) => {
    shown += chunk;
    if (isTyped || !shown.includes("to go on: ")) return;
    isTyped = true;
    child.stdin.write(keys);
  });
  return new Promise((resolve) => child.once("close", () => resolve(shown)));
}

describe("the question before data is destroyed", () => {
  it.each([
    ["the name", "gotalk-dev\r", "true"],
    ["another name", "gotalk-prod\r", "false"],
    ["nothing", "\r", "false"],
    ["Ctrl-C", "\u0003", "false"],
    ["Ctrl-D", "\u0004", "false"],
  ])("answered with %s", async (_, keys, outcome) => {
    const shown = await answered(keys);
    expect(shown).toContain("Type gotalk-dev to go on: ");
    expect(shown).toMatch(new RegExp(`confirmed: ${outcome}\\s*$`));
  });
});
