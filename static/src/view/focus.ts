/** Gives the focus to the messages, before the button that has it disappears. */
export function focusMessages({ currentTarget }: { readonly currentTarget: Element }): void {
  currentTarget.closest(".pane")?.querySelector<HTMLElement>("[role=log]")?.focus();
}
