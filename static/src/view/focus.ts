/** Gives the focus to the messages: otherwise it would be lost with the button that has it and is about to go. */
export function focusMessages({ currentTarget }: { readonly currentTarget: Element }): void {
  currentTarget.closest(".pane")?.querySelector<HTMLElement>("[role=log]")?.focus();
}
