import { attempt } from "./safely.ts";

/**
 * Waits for the work within a transaction, and for the transaction. All of it is stored, or nothing.
 *
 * @throws what the work throws, or DOMException when it cannot be stored
 */
export async function allOrNothing<T>(
  transaction: { readonly done: Promise<void>; abort(): void },
  work: () => Promise<T>,
): Promise<T> {
  const undoing = work().catch((error: unknown) => {
    // A request that fails undoes the transaction. One that is refused at once does not, and neither does other code.
    attempt(() => transaction.abort());
    throw error;
  });
  const [result] = await Promise.all([undoing, transaction.done]);
  return result;
}
