import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { AxeResults, RunOptions } from "axe-core";
import type { Visitor } from "./visitor.ts";

const AXE = readFileSync(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")), "utf8");

/**
 * The rules about colours. A theme changes nothing else: the stylesheets know it by `light-dark()` alone. So in the dark one the other
 * rules would find what they find in the light one, and take as long again.
 */
const OF_COLOURS = ["color-contrast", "link-in-text-block"];
const RULES: Readonly<Record<string, RunOptions>> = {
  light: {},
  dark: { runOnly: { type: "rule", values: OF_COLOURS } },
};

/** What axe finds wrong in both themes, in a few words each. */
export async function violations({ page }: Visitor): Promise<string[]> {
  const found: string[] = [];
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    // Colours that are still on their way have no contrast to speak of: a transition that has begun goes on.
    await page.evaluate(() => {
      for (const each of document.getAnimations()) each.finish();
    });
    if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(AXE);
    // What it does not find wrong it need not describe, which takes long on a large page.
    const options: RunOptions = { ...RULES[colorScheme], resultTypes: ["violations"] };
    const results = await page.evaluate(
      (how) => (Reflect.get(globalThis, "axe") as { run(how: RunOptions): Promise<AxeResults> }).run(how),
      options,
    );
    for (const { id, nodes } of results.violations) {
      found.push(...nodes.map(({ html, failureSummary }) => `${colorScheme} ${id}: ${html} ${failureSummary}`));
    }
  }
  return found;
}
