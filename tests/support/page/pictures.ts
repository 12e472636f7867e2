import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Visitor } from "./visitor.ts";

/** Not among the temporary files, which end with the test. */
const FOLDER = ".local/screenshots";

/** Takes pictures of what a failed test had on its pages at last, and says where they are. */
export async function keepPictures(test: string, visitors: readonly Visitor[]): Promise<void> {
  mkdirSync(FOLDER, { recursive: true });
  for (const { username, context } of visitors) {
    for (const [index, page] of context.pages().entries()) {
      const path = join(FOLDER, `${test.replaceAll(/[^\w]+/g, "-").slice(0, 80)}.${username}.${index}.png`);
      await page.screenshot({ path, timeout: 5_000 }).then(
        () => console.error(`The last moment of ${username}: ${path}`),
        () => console.error(`There is no picture of the last moment of ${username}: the page does not answer.`),
      );
    }
  }
}
