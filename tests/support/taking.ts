import type { Client, Message } from "../../lib/client/index.ts";
import { isOutage } from "../../lib/client/retry.ts";
import { eventually } from "./eventually.ts";

/** By the session's token: the receipt of the last batch. */
const receipts = new Map<string, string>();

/** Repeats what a busy stack does not answer in time, and which the client library does not repeat by itself. */
export async function patiently<T>(attempt: () => Promise<T>): Promise<T> {
  const outcome = await eventually(async () => {
    try {
      return { value: await attempt() };
    } catch (error) {
      if (isOutage(error)) throw error;
      return { error };
    }
  });
  if ("error" in outcome) throw outcome.error;
  return outcome.value;
}

/**
 * Takes all that waits, and settles it. Each sync shows the receipt of the batch before, so that a repeated one loses nothing.
 *
 * @returns the messages in the order in which they came
 */
export async function takeAll(client: Client): Promise<Message[]> {
  const { token = "", receipt = "" } = client.session ?? {};
  const messages: Message[] = [];
  for (;;) {
    const batch = await patiently(() => client.sync({ ack: receipts.get(token) ?? receipt }));
    receipts.set(token, batch.receipt);
    messages.push(...batch.messages);
    if (batch.messages.length === 0 && !batch.more) return messages;
  }
}
