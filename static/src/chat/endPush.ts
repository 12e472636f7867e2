/**
 * Ends push in this browser, also without a network: a page with a conversation has loaded this part already.
 *
 * @param erasedId The user of whom nothing is to be left.
 * @returns whether it could
 */
export const endPush = (erasedId?: string): Promise<boolean> =>
  import("../push/subscribing.ts")
    .then((part) => part.endPush(erasedId))
    .then(
      () => true,
      () => false,
    );
