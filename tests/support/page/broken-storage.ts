import type { BrowserContext } from "playwright-core";
import type { Visitor } from "./visitor.ts";

/** Makes the storage of a browser's pages one that {@link setBroken} can break. */
export const withBreakableStorage = (context: BrowserContext): Promise<unknown> =>
  context.addInitScript(() => {
    const failsWhileBroken = <T extends object, A extends unknown[], R>(work: (this: T, ...values: A) => R) =>
      function (this: T, ...values: A): R {
        if (!Reflect.get(globalThis, "isBroken")) return work.apply(this, values);
        Reflect.set(globalThis, "hasFailed", true);
        throw new DOMException("broken", "UnknownError");
      };
    IDBObjectStore.prototype.getAll = failsWhileBroken(IDBObjectStore.prototype.getAll);
    IDBIndex.prototype.openCursor = failsWhileBroken(IDBIndex.prototype.openCursor);
  });

/** Lets the reads fail by which a page shows what is stored, as a disk does that errs, or succeed again. */
export const setBroken = ({ page }: Visitor, isBroken: boolean): Promise<void> =>
  page.evaluate((value) => {
    Reflect.set(globalThis, "isBroken", value);
  }, isBroken);

/** Waits until a read has failed. */
export const failed = async ({ page }: Visitor): Promise<void> => {
  await page.waitForFunction(() => Reflect.get(globalThis, "hasFailed"));
};
