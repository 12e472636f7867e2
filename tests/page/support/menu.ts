import type { Locator } from "playwright-core";
import type { Visitor } from "../../support/page/visitor.ts";

/** Chooses an entry of the menu of the open conversation. */
export async function chooseInMenu(visitor: Visitor, name: string): Promise<void> {
  await visitor.button("Conversation menu").click();
  await visitor.page.locator("#conversation-menu").getByRole("button", { name, exact: true }).click();
}

/** Chooses an entry of the menu of a line in the list, as a person with a mouse does. */
export async function chooseForLine(visitor: Visitor, line: string, name: string): Promise<void> {
  await visitor.page.locator(".lists").getByRole("button", { name: line }).click({ button: "right" });
  await visitor.page.locator(".of-conversation:popover-open").getByRole("button", { name, exact: true }).click();
}

/** Opens a dialog of the account's menu. */
export async function openFromMenu(visitor: Visitor, name: string): Promise<Locator> {
  await visitor.button(/Account/).click();
  await visitor.button(name).click();
  const dialog = visitor.page.getByRole("dialog", { name });
  await dialog.waitFor();
  return dialog;
}
