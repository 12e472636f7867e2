import type { RefObject } from "preact";
import { useLayoutEffect } from "preact/hooks";

/** Gives the focus to the button of the account's menu, before a button in a bar below it disappears. */
export const focusAccount = (): void => document.querySelector<HTMLElement>("button.account")?.focus();

/** Gives the focus to the messages, before the button that has it disappears. */
export function focusMessages({ currentTarget }: { readonly currentTarget: Element }): void {
  currentTarget.closest(".pane")?.querySelector<HTMLElement>("[role=log]")?.focus();
}

/** Gives the focus to the message around an element. */
export const focusArticle = (element: Element | null): void =>
  element?.closest(".row")?.querySelector<HTMLElement>("article")?.focus({ preventScroll: true });

/** Gives the focus of a button on a message to the message when the button disappears: else nothing would have it. */
export function useFocusBack(ref: RefObject<HTMLElement | null>): void {
  useLayoutEffect(
    () => () => {
      if (ref.current === document.activeElement) focusArticle(ref.current);
    },
    [ref],
  );
}

/** Gives the focus in a row of a log to the next message, or the one before it, or the log, when the row disappears. */
export function useFocusBeside(ref: RefObject<HTMLElement | null>): void {
  useLayoutEffect(
    () => () => {
      const row = ref.current;
      if (!row?.contains(document.activeElement)) return;
      const [next, previous] = [row.nextElementSibling, row.previousElementSibling].map((beside) =>
        beside?.querySelector<HTMLElement>("article"),
      );
      (next ?? previous ?? row.parentElement)?.focus({ preventScroll: true });
    },
    [ref],
  );
}

/** Gives the focus to the messages when the element in which it is disappears. */
export function useFocusLog(ref: RefObject<HTMLElement | null>): void {
  useLayoutEffect(
    () => () => {
      if (ref.current?.contains(document.activeElement)) document.querySelector<HTMLElement>("[role=log]")?.focus();
    },
    [ref],
  );
}

/** Gives the focus to a message in a log, and brings it to the middle. */
export function focusMessage(log: Element, id: string): void {
  const article = log.querySelector<HTMLElement>(`[data-id="${CSS.escape(id)}"] article`);
  article?.scrollIntoView({ block: "center" });
  article?.focus({ preventScroll: true });
}

/**
 * Gives the focus to a message, or to the log without it, when a dialog has been closed that had no button to give it back to.
 */
export function focusAnew(id: string): void {
  const here = document.activeElement;
  // The closed dialog has it until it is gone.
  const isLost = here === null || here === document.body || here.closest("dialog") !== null;
  if (!isLost) return;
  const article = document.querySelector<HTMLElement>(`[data-id="${CSS.escape(id)}"] article`);
  (article ?? document.querySelector<HTMLElement>("[role=log]"))?.focus({ preventScroll: true });
}

/** The lines of the list that can have the focus. */
const LINES = ".lists > .conversations > li > button";

/** Gives the focus to a line of the list, or to the field To without one. */
const focusLine = (line: HTMLElement | null | undefined): void =>
  (line ?? document.querySelector<HTMLElement>(LINES) ?? document.getElementById("recipient"))?.focus();

/** Gives the focus in a line of the list to the next line, or the one before it, or To, when the line leaves its list. */
export function useFocusNextLine(ref: RefObject<HTMLElement | null>): void {
  useLayoutEffect(
    () => () => {
      const line = ref.current;
      if (!line?.contains(document.activeElement)) return;
      const beside = line.nextElementSibling ?? line.previousElementSibling;
      const next = beside?.querySelector<HTMLElement>("button");
      if (next) next.focus();
      else document.getElementById("recipient")?.focus();
    },
    [ref],
  );
}

/** Gives the focus in a conversation to its line of the list when the conversation is closed. */
export function useFocusLine(pane: RefObject<HTMLElement | null>): void {
  useLayoutEffect(
    () => () => {
      if (!pane.current?.contains(document.activeElement)) return;
      // Nothing else can have the focus while it is open.
      pane.current.querySelector<HTMLDialogElement>("dialog[open]")?.close();
      focusLine(document.querySelector<HTMLElement>(`${LINES}[aria-current="true"]`));
    },
    [pane],
  );
}

/** Gives the focus to a field that has just appeared, where no keyboard on the screen would come with it. */
export function focusAtOnce(field: HTMLElement | null): void {
  if (matchMedia("(hover: hover)").matches) field?.focus();
}
