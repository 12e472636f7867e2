import type { Locator } from "playwright-core";
import type { Visitor } from "../../support/page/visitor.ts";

/** Opens a dialog of the account's menu. */
export async function openFromMenu(visitor: Visitor, name: string): Promise<Locator> {
  await visitor.button(/Account/).click();
  await visitor.button(name).click();
  const dialog = visitor.page.getByRole("dialog", { name });
  await dialog.waitFor();
  return dialog;
}
