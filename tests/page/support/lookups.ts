import type { Visitor } from "../../support/page/visitor.ts";

/** Lets the lookups of users wait, or of one user, and `answer` them. */
export async function holdLookups({ page }: Visitor, username = "*"): Promise<{ answer: () => void }> {
  let answer = () => {};
  const held = new Promise<void>((resolve) => {
    answer = resolve;
  });
  await page.route(`**/users/${username}`, async (route) => {
    await held;
    await route.continue();
  });
  return { answer };
}
