import type { BrowserContext } from "playwright-core";
import type { Visitor } from "./visitor.ts";

/** Makes the storage of a browser's pages one that {@link setFull} can fill. */
export const withLimitedStorage = (context: BrowserContext): Promise<unknown> =>
  context.addInitScript(() => {
    for (const name of ["put", "add"] as const) {
      const original = IDBObjectStore.prototype[name];
      IDBObjectStore.prototype[name] = function (...values: Parameters<typeof original>) {
        if (Reflect.get(globalThis, "isFull")) throw new DOMException("full", "QuotaExceededError");
        return original.apply(this, values);
      };
    }
  });

/** Lets every write fail as a full disk does, or succeed again. A real disk is hard to fill. */
export const setFull = ({ page }: Visitor, isFull: boolean): Promise<void> =>
  page.evaluate((value) => {
    Reflect.set(globalThis, "isFull", value);
  }, isFull);

/** Makes room and presses "Try again" in one moment: the page may try again by itself as soon as there is room. */
export async function tryAgain(visitor: Visitor): Promise<void> {
  await visitor.button("Try again").waitFor();
  await visitor.page.evaluate(() => {
    Reflect.set(globalThis, "isFull", false);
    const buttons = [...document.querySelectorAll("button")];
    buttons.find(({ textContent }) => textContent?.trim() === "Try again")?.click();
  });
}
