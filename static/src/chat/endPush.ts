import { KEPT } from "../push/kept.ts";

/** Milliseconds that the browser may take. */
const PATIENCE = 5_000;

/**
 * Ends push in this browser, also without a network: a page with a conversation has loaded this part already, and the service worker
 * has it.
 *
 * @param erasedId The user of whom nothing is to be left.
 * @returns whether it could
 */
export const endPush = (erasedId?: string): Promise<boolean> =>
  Promise.race([
    import("../push/subscribing.ts")
      .then((part) => part.endWithSession(erasedId))
      .then(() => true, isNothingLeft)
      .catch(() => false),
    new Promise<boolean>((resolve) => setTimeout(resolve, PATIENCE, false)),
  ]);

/** Without a network and a worker the part is not there. It is not needed where push was never on. */
const isNothingLeft = async (): Promise<boolean> =>
  !(await globalThis.caches?.has(KEPT)) && !Object.keys(localStorage).some((key) => key.startsWith(KEPT));

/** Ends what a tab has left that was closed before it had ended push with its session. */
export async function endLeftPush(): Promise<void> {
  if (await globalThis.caches?.has(KEPT).catch(() => false)) await endPush();
}
