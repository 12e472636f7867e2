/** Gives the focus to the button of the account's menu, before a button in a bar below it disappears. */
export const focusAccount = (): void => document.querySelector<HTMLElement>("button.account")?.focus();

/** Gives the focus to the messages, before the button that has it disappears. */
export function focusMessages({ currentTarget }: { readonly currentTarget: Element }): void {
  currentTarget.closest(".pane")?.querySelector<HTMLElement>("[role=log]")?.focus();
}
