/**
 * Runs work that nothing waits for. A failing storage is reported where it matters; any other error is a fault of the
 * page.
 */
export function inBackground(work: Promise<unknown>): void {
  work.catch((error: unknown) => {
    if (!(error instanceof DOMException)) reportError(error);
  });
}
