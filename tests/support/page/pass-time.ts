import type { Page } from "playwright-core";

/**
 * Moves a page's time on in steps until something has happened. One jump would not do: it may come before the page has set the timer,
 * or go on behind it for so long that the request which follows is given up as unanswered.
 *
 * @param step Milliseconds: less than the page waits for an answer.
 */
export async function passTime({ clock }: Page, step: number, happened: Promise<unknown>): Promise<void> {
  let isOver = false;
  const end = happened.finally(() => {
    isOver = true;
  });
  // It is awaited below, and may fail before.
  end.catch(() => undefined);
  while (!isOver) await clock.runFor(step);
  await end;
}
