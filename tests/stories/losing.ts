import { expect, type TestContext } from "vitest";
import { type Batch, NetworkError } from "../../lib/client/index.ts";
import { type Fault, startFaultProxy } from "../support/fault-proxy.ts";
import { type ClientPerson, newcomer } from "../support/people.ts";
import { seedUser, sharedStack } from "../support/shared/index.ts";

/** Messages of a batch that is lost. */
export const LIMIT = 5;

/** An address of the stack whose next answers meet these faults, until the test has ended. */
export async function faultyAddress({ onTestFinished }: TestContext, ...faults: Fault[]): Promise<string> {
  const { port } = await sharedStack();
  const proxy = await startFaultProxy({ port, host: "localhost", next: () => faults.shift() ?? "none" });
  onTestFinished(() => proxy.close());
  return proxy.url;
}

export async function talk(): Promise<{ sender: ClientPerson; receiver: ClientPerson }> {
  const { url } = await sharedStack();
  const [sender, receiver] = await Promise.all([
    newcomer(url, { register: seedUser }),
    newcomer(url, { register: seedUser }),
  ]);
  return { sender, receiver };
}

/** Sends messages one after the other; their contents are counted from `first`. */
export async function send(sender: ClientPerson, receiver: ClientPerson, first: number, count: number): Promise<void> {
  for (let i = first; i < first + count; i++) await sender.client.send({ to: receiver.id, content: `No. ${i}` });
}

export const contents = ({ messages }: Pick<Batch, "messages">): string[] => messages.map(({ content }) => content);
export const flags = ({ messages }: Pick<Batch, "messages">): boolean[] =>
  messages.map(({ redelivered }) => redelivered);
export const numbers = (first: number, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `No. ${first + i}`);

/** Takes a batch out, through a connection that is cut once the server has answered. */
export async function loseBatch(test: TestContext, receiver: ClientPerson, ack: string, fault: Fault): Promise<void> {
  const client = receiver.at(await faultyAddress(test, fault));
  await expect(client.sync({ ack, limit: LIMIT })).rejects.toThrow(NetworkError);
}
