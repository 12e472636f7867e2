import { expect } from "vitest";
import { violations } from "../../support/page/axe.ts";
import type { Visitor } from "../../support/page/visitor.ts";

/** What is open fits into a window 320 pixels wide, and axe finds nothing wrong, in both themes. */
export async function isFineWhereNarrow(visitor: Visitor): Promise<void> {
  const { page } = visitor;
  await page.setViewportSize({ width: 320, height: 640 });
  expect(await violations(visitor)).toEqual([]);
  const wide = await page.evaluate(() =>
    [document.documentElement, ...document.querySelectorAll("dialog, .log, .request-bar, .message-bar")]
      .filter((box) => box.scrollWidth > box.clientWidth)
      .map((box) => box.outerHTML.slice(0, 100)),
  );
  expect(wide).toEqual([]);
}
