import { expect } from "vitest";
import type { Client, Message } from "../../lib/client/index.ts";
import { eventually } from "./eventually.ts";

/** Where each client has stopped. */
const receipts = new WeakMap<Client, string>();

/**
 * What has come for a client since it was last asked: all of it, also what is quiet. A sync that failed is repeated, with
 * the receipt that it had, so that nothing is lost with its answer.
 */
export async function newMessages(client: Client): Promise<readonly Message[]> {
  const all: Message[] = [];
  for (let more = true; more; ) {
    const batch = await eventually(() => client.sync({ ack: receipts.get(client) ?? client.session?.receipt }));
    receipts.set(client, batch.receipt);
    all.push(...batch.messages);
    more = batch.more || batch.messages.length > 0;
  }
  return all;
}

/** The contents of {@link newMessages}. */
export const newContents = async (client: Client): Promise<string[]> =>
  (await newMessages(client)).map(({ content }) => content);

/** Waits until these contents have come for a client since it was last asked, and no others. */
export async function receives(client: Client, ...contents: readonly string[]): Promise<void> {
  const all: string[] = [];
  await eventually(async () => {
    all.push(...(await newContents(client)));
    expect(all).toEqual(contents);
  });
}
