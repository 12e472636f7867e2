import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { Client, type Credentials, type InboxState, type Message } from "../../lib/client/index.ts";
import { profileKey } from "../../lib/database/account-keys.ts";
import { updateRecord } from "../../lib/database/update-record.ts";
import { WAIT } from "../support/eventually.ts";
import { newUsername, PASSWORD } from "../support/logins.ts";
import { type ClientPerson, newcomer, takeAndSettle } from "../support/people.ts";
import { accountsOf } from "../support/seeding.ts";
import { type SharedStack, seedUser, sharedStack } from "../support/shared/index.ts";
import { listen } from "../support/wire.ts";

/** What it has, today's library has too. */
const { Client: EarlierClient } = (await import(new URL("earlier-client.js", import.meta.url).href)) as {
  readonly Client: typeof Client;
};

describe("the client library from before devices existed", () => {
  let stack: SharedStack;
  let alice: ClientPerson;
  let username: string;
  let bob: Client;

  beforeAll(async () => {
    stack = await sharedStack();
    alice = await newcomer(stack.url, { register: seedUser });
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

  async function newBob(make: (credentials: Credentials) => Promise<unknown> = seedUser): Promise<void> {
    username = newUsername();
    await make({ username, password: PASSWORD });
    bob = await logIn();
  }

  it("registers, and gets each message once, live and after a restart with its stored state", async () => {
    await newBob((credentials) => new EarlierClient({ url: stack.url }).register(credentials));
    let state: InboxState | undefined;
    const received: Message[] = [];
    const states: string[] = [];
    const inbox = bob.receive({
      onState: (next) => {
        state = next;
      },
      onConnection: (connection) => void states.push(connection),
    });
    const all = (async () => {
      for await (const message of inbox) {
        received.push(message);
        if (received.length === 3) break;
      }
    })();
    // Nothing waits before that, and no poll is due: the messages come because it is woken.
    await vi.waitUntil(() => inbox.connection === "live", WAIT);
    await sendAll(["one", "two", "three"]);
    await all;
    expect(contentsOf(received)).toEqual(["one", "two", "three"]);
    expect(states).toEqual(["live"]);
    await sendAll(["four"]);
    const restarted = new EarlierClient({ url: stack.url, ...(bob.session && { session: bob.session }) });
    // Where it stopped, the third one was processed and its state not saved: it comes again, flagged.
    const after: Message[] = [];
    for await (const message of restarted.receive({ state, follow: false })) after.push(message);
    expect(contentsOf(after)).toEqual(["three", "four"]);
    expect(after.map(({ redelivered }) => redelivered)).toEqual([true, false]);
  });

  it("sends, and is answered alike when it repeats a send", async () => {
    await newBob();
    const first = await bob.send({ to: alice.id, content: "hello" });
    expect(await bob.send({ to: alice.id, content: "hello", messageId: first.messageId })).toMatchObject({
      messageId: first.messageId,
    });
    expect(await take(alice.client, 1)).toEqual(["hello"]);
  });

  it("divides the messages with others of its kind, while a device of its user's gets each of them", async () => {
    await newBob();
    const laptop = await onLaptop();
    const other = await logIn();
    await sendAll(["one", "two"]);
    const [first, second] = [await bob.sync({ limit: 1 }), await other.sync({ limit: 1 })];
    expect(contentsOf([...first.messages, ...second.messages])).toEqual(["one", "two"]);
    expect(await take(laptop, 2)).toEqual(["one", "two"]);
  });

  it("gets no copies of what its user sends from elsewhere, and the user's devices get copies of what it sends", async () => {
    await newBob();
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

  it("gets what people do in a conversation as texts, also where the content is empty, and goes on", async () => {
    await newBob();
    const { session } = alice.client;
    const post = (fields: object) =>
      fetch(`${stack.url}/send`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ token: session?.token, id: alice.id, sendToId: idOf(bob), ...fields }),
      });
    const { messageId: about } = await alice.client.send({ to: idOf(bob), content: "hello" });
    for (const content of ["👍", ""]) {
      expect((await post({ type: "reaction", about, quiet: true, content })).status).toBe(202);
    }
    expect((await post({ type: "deletion", about, quiet: true, content: "" })).status).toBe(202);
    await sendAll(["after"]);
    expect(await take(bob, 5)).toEqual(["hello", "👍", " ", " ", "after"]);
  });

  it("goes on when it is told that somebody is typing, which it does not know", async () => {
    await newBob();
    const states: string[] = [];
    const inbox = bob.receive({ onConnection: (state) => void states.push(state) });
    const first = (async () => {
      for await (const { content } of inbox) return content;
      return undefined;
    })();
    await vi.waitUntil(() => inbox.connection === "live", WAIT);
    const { session } = bob;
    if (session === undefined) throw new Error("Bob is not logged in");
    const [hers, his] = await Promise.all([listen(stack.url, alice.session), listen(stack.url, session)]);
    // What takes too long on a busy machine is dropped, and so is what comes within 3 seconds.
    while (his.unheard.length === 0) {
      hers.say({ type: "typing", toId: session.id });
      await Promise.race([sleep(3_100), his.arrival()]);
    }
    expect(his.unheard[0]).toEqual({ type: "typing", senderId: alice.id });
    await sendAll(["typed"]);
    expect(await first).toBe("typed");
    expect(states).toEqual(["live"]);
  });

  it("goes on where its channel has missed messages, though it does not know what that means", async () => {
    await newBob();
    const laptop = await onLaptop();
    const setBacklog = (backlog: number) =>
      updateRecord(accountsOf(stack.data), profileKey(idOf(bob)), {
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
    await newBob();
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
    await newBob();
    const id = idOf(bob);
    await bob.deleteAccount(PASSWORD);
    await expect(sendAll(["nobody"], id)).rejects.toMatchObject({ code: "unknown_receiver" });
  });
});
