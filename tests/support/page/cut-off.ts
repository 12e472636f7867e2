import type { Page } from "playwright-core";

/**
 * Lets requests fail as they do where no server answers, until the function that it returns is called. The route stays: to
 * remove it while a request is on its way can leave that request without any answer.
 *
 * @param urls As `page.route` takes them.
 */
export async function cutOff(page: Page, ...urls: readonly (string | RegExp)[]): Promise<() => void> {
  let isCut = true;
  for (const url of urls) {
    await page.route(url, (route) => (isCut ? route.abort("connectionrefused") : route.continue()));
  }
  return () => {
    isCut = false;
  };
}
