import type { Page } from "playwright-core";
import { problemText } from "../problem-text.ts";

/** What a server refuses a request by. */
interface Refusal {
  readonly status: number;
  readonly code: string;
  /** In seconds. */
  readonly retryAfter?: number;
}

/** Refuses requests to a path in the server's place, as long as `isRefused` says so. */
export const refuse = (
  page: Page,
  path: string,
  { status, code, retryAfter }: Refusal,
  isRefused: () => boolean = () => true,
): Promise<unknown> =>
  page.route(`**${path}`, (route) =>
    isRefused()
      ? route.fulfill({
          status,
          headers: retryAfter === undefined ? {} : { "retry-after": String(retryAfter) },
          contentType: "application/problem+json",
          body: problemText(status, code),
        })
      : route.continue(),
  );
