import type { Visitor } from "./visitor.ts";

/** Whether the tab can be seen, as the page is told. A headless browser shows all of its tabs. */
export const setHidden = ({ page }: Visitor, isHidden: boolean): Promise<void> =>
  page.evaluate((hidden) => {
    Object.defineProperty(document, "visibilityState", {
      configurable: true,
      get: () => (hidden ? "hidden" : "visible"),
    });
    document.dispatchEvent(new Event("visibilitychange"));
  }, isHidden);
