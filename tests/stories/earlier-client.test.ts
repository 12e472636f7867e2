import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Client, type InboxState, type Message } from "../../lib/client/index.ts";
import { profileKey } from "../../lib/database/account-keys.ts";
import { updateRecord } from "../../lib/database/update-record.ts";
import { startEngine, type TestEngine } from "../support/engines.ts";
import { newUsername, PASSWORD } from "../support/logins.ts";
import { type ClientPerson, newcomer, takeAndSettle } from "../support/people.ts";
import { type Stack, startStack } from "../support/stack.ts";

/** What it has, today's library has too. */
const { Client: EarlierClient } = (await import(new URL("earlier-client.js", import.meta.url).href)) as {
  readonly Client: typeof Client;
};

describe("the client library of before there were devices", () => {
  let engine: TestEngine;
  let stack: Stack;
  let alice: ClientPerson;
  let username: string;
  let bob: Client;

  beforeAll(async () => {
    engine = await startEngine();
    stack = await startStack({ env: { AWS_ENDPOINT_URL_DYNAMODB: engine.endpoint } });
    alice = await newcomer(stack.url);
  });
  afterAll(async () => {
    await stack?.stop();
    await engine?.stop();
  });

  const logIn = async (): Promise<Client> => {
    const client = new EarlierClient({ url: stack.url });
    await client.login({ username, password: PASSWORD });
    return client;
  };
  const idOf = (client: Client): string => client.session?.id ?? "";
  const sendAll = async (contents: readonly string[], to = idOf(bob)): Promise<void> => {
    for (const content of contents) await alice.client.send({ to, content });
  };
  const contentsOf = (messages: readonly Message[]): string[] => messages.map(({ content }) => content);
  const take = async (client: Client, count: number): Promise<string[]> => {
    const { messages, rest } = await takeAndSettle(client, count);
    expect(rest.messages).toEqual([]);
    expect(messages.every(({ redelivered }) => !redelivered)).toBe(true);
    return contentsOf(messages);
  };
  const onLaptop = async (): Promise<Client> => {
    const laptop = new Client({ url: stack.url });
    await laptop.login({ username, password: PASSWORD, deviceName: "Laptop" });
    return laptop;
  };

  /** Registers with the library of before, too. */
  async function register(): Promise<void> {
    username = newUsername();
    await new EarlierClient({ url: stack.url }).register({ username, password: PASSWORD });
    bob = await logIn();
  }

  it("gets each message once, live and after a restart with its stored state", async () => {
    await register();
    let state: InboxState | undefined;
    const received: Message[] = [];
    const inbox = bob.receive({
      onState: (next) => {
        state = next;
      },
    });
    const sent = sendAll(["one", "two", "three"]);
    for await (const message of inbox) {
      received.push(message);
      if (received.length === 3) break;
    }
    await sent;
    expect(contentsOf(received)).toEqual(["one", "two", "three"]);
    await sendAll(["four"]);
    const restarted = new EarlierClient({ url: stack.url, ...(bob.session && { session: bob.session }) });
    // Where it stopped, the third one was processed and its state not saved: it comes again, flagged.
    const after: Message[] = [];
    for await (const message of restarted.receive({ state, follow: false })) after.push(message);
    expect(contentsOf(after)).toEqual(["three", "four"]);
    expect(after.map(({ redelivered }) => redelivered)).toEqual([true, false]);
  });

  it("sends, and is answered alike when it repeats a send", async () => {
    await register();
    const first = await bob.send({ to: alice.id, content: "hello" });
    expect(await bob.send({ to: alice.id, content: "hello", messageId: first.messageId })).toMatchObject({
      messageId: first.messageId,
    });
    expect(await take(alice.client, 1)).toEqual(["hello"]);
  });

  it("divides the messages with others of its kind, while a device of its user's gets each of them", async () => {
    await register();
    const laptop = await onLaptop();
    const other = await logIn();
    await sendAll(["one", "two"]);
    const [first, second] = [await bob.sync({ limit: 1 }), await other.sync({ limit: 1 })];
    expect(contentsOf([...first.messages, ...second.messages])).toEqual(["one", "two"]);
    expect(await take(laptop, 2)).toEqual(["one", "two"]);
  });

  it("gets no copies of what its user sends from elsewhere, and the user's devices get copies of what it sends", async () => {
    await register();
    const laptop = await onLaptop();
    await laptop.send({ to: alice.id, content: "from the laptop" });
    await bob.send({ to: alice.id, content: "from the program" });
    await sendAll(["an answer"]);
    expect(await take(bob, 1)).toEqual(["an answer"]);
    const { messages } = await laptop.sync({ ack: laptop.session?.receipt });
    expect(messages).toMatchObject([
      { content: "from the program", toId: alice.id, toName: alice.username },
      { content: "an answer" },
    ]);
    expect(await take(alice.client, 2)).toEqual(["from the laptop", "from the program"]);
  });

  it("goes on where its channel has missed messages, though it does not know what that means", async () => {
    await register();
    const laptop = await onLaptop();
    const setBacklog = (backlog: number) =>
      updateRecord(engine.accounts, profileKey(idOf(bob)), {
        update: "SET backlog = :backlog, countedAt = :now",
        condition: "attribute_exists(#owner)",
        values: { backlog, now: Date.now() },
      });
    await setBacklog(Number.MAX_SAFE_INTEGER);
    await sendAll(["missed"]);
    await setBacklog(0);
    await sendAll(["there"]);
    expect(await take(bob, 1)).toEqual(["there"]);
    await sendAll(["later"]);
    expect(await take(bob, 1)).toEqual(["later"]);
    expect(await take(laptop, 3)).toEqual(["missed", "there", "later"]);
  });

  it("lists and ends sessions, changes the password, finds and blocks people, and logs out", async () => {
    await register();
    const other = await logIn();
    const sessions = await bob.sessions();
    expect(sessions).toHaveLength(2);
    const { sessionId } = sessions.find(({ current }) => !current) ?? {};
    await bob.endSession(sessionId ?? "");
    await expect(other.sync()).rejects.toMatchObject({ code: "invalid_token" });
    expect(await bob.find(alice.username)).toEqual({ id: alice.id, username: alice.username });
    await bob.block(alice.id);
    await expect(sendAll(["blocked"])).rejects.toMatchObject({ code: "blocked" });
    await bob.unblock(alice.id);
    await bob.changePassword({ password: PASSWORD, newPassword: `${PASSWORD}, changed` });
    await sendAll(["after"]);
    expect(await take(bob, 1)).toEqual(["after"]);
    await bob.logout();
    await expect(logIn()).rejects.toMatchObject({ code: "invalid_credentials" });
  });

  it("removes the account", async () => {
    await register();
    const id = idOf(bob);
    await bob.deleteAccount(PASSWORD);
    await expect(sendAll(["nobody"], id)).rejects.toMatchObject({ code: "unknown_receiver" });
  });
});
