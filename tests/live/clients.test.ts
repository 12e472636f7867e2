import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { Client, type ClientOptions, type ConnectionState, type Inbox } from "../../lib/client/index.ts";
import { eventually } from "../support/eventually.ts";
import { type ClientPerson, newcomer } from "../support/people.ts";
import { freePort } from "../support/ports.ts";
import { type Stack, startStack } from "../support/stack.ts";

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

/** Someone who receives, and what could be seen of it from outside. */
interface Receiver {
  readonly inbox: Inbox;
  readonly received: string[];
  readonly states: ConnectionState[];
  /** In their order: each frame that came over the wire by its type, each sync that was begun, each message. */
  readonly seen: string[];
  readonly done: Promise<void>;
  stop(): Promise<void>;
}

function receive({ session }: ClientPerson, options: Partial<ClientOptions> = {}): Receiver {
  const [received, states, seen]: [string[], ConnectionState[], string[]] = [[], [], []];
  class Seen extends WebSocket {
    constructor(url: string | URL) {
      super(url);
      this.addEventListener("message", ({ data }) => seen.push(JSON.parse(data).type));
    }
  }
  const client = new Client({
    url: stack.url,
    session,
    fetch: (url, init) => {
      if (String(url).endsWith("/sync")) seen.push("sync");
      return fetch(url, init);
    },
    WebSocket: Seen,
    ...options,
  });
  const controller = new AbortController();
  const inbox = client.receive({ signal: controller.signal, onConnection: (state) => void states.push(state) });
  const run = async () => {
    for await (const { content } of inbox) {
      received.push(content);
      seen.push(content);
    }
  };
  const done = run();
  done.catch(() => undefined);
  onTestFinished(() => controller.abort());
  return {
    ...{ inbox, received, states, seen, done },
    stop: () => {
      controller.abort();
      return done;
    },
  };
}

const isLive = (receiver: Receiver) => eventually(() => expect(receiver.inbox.connection).toBe("live"));

describe("two who talk", () => {
  it("hear each other at once: a wake on the wire, a sync, the message", async () => {
    const [alice, bob] = await Promise.all([newcomer(stack.url), newcomer(stack.url)]);
    const [her, his] = [receive(alice), receive(bob)];
    await Promise.all([isLive(her), isLive(his)]);
    for (let turn = 1; turn <= 5; turn++) {
      await alice.client.send({ to: bob.id, content: `to bob ${turn}` });
      await eventually(() => expect(his.received).toHaveLength(turn));
      await bob.client.send({ to: alice.id, content: `to alice ${turn}` });
      await eventually(() => expect(her.received).toHaveLength(turn));
    }
    for (const { seen, states, received } of [his, her]) {
      expect(states).toEqual(["live"]);
      // Not each one: a wake has little time, and on a busy machine it may be given up. Then a poll finds the message.
      const woken = received.filter((content) => {
        const at = seen.indexOf(content);
        return seen[at - 1] === "sync" && seen[at - 2] === "wake";
      });
      expect(woken.length, String(seen)).toBeGreaterThan(0);
    }
    await Promise.all([her.stop(), his.stop()]);
  });

  it("hear each other without a WebSocket too: then it polls", async () => {
    const [alice, bob] = await Promise.all([newcomer(stack.url), newcomer(stack.url)]);
    const his = receive(bob, { live: `ws://127.0.0.1:${await freePort()}/live` });
    await eventually(() => expect(his.inbox.connection).toBe("polling"));
    await alice.client.send({ to: bob.id, content: "Hello" });
    await eventually(() => expect(his.received).toEqual(["Hello"]));
    expect(his.seen).not.toContain("wake");
    await his.stop();
  });

  it("go on after the stack was killed and started again", async () => {
    const [alice, bob] = await Promise.all([newcomer(stack.url), newcomer(stack.url)]);
    const his = receive(bob);
    await isLive(his);
    await stack.kill();
    await eventually(() => expect(his.inbox.connection).toBe("offline"));
    stack = await startStack({ data: stack.data, port: stack.port });
    his.inbox.wake();
    await isLive(his);
    // The first wakes may come late: the functions are as cold as the machine is busy.
    for (let count = 1; !his.seen.slice(his.seen.lastIndexOf("ready")).includes("wake"); count++) {
      await alice.client.send({ to: bob.id, content: `Hello again ${count}` });
      await eventually(() => expect(his.received.at(-1)).toBe(`Hello again ${count}`));
    }
    await his.stop();
  });
});

describe("the end", () => {
  it("of the session, by a logout elsewhere, is known at once", async () => {
    const bob = await newcomer(stack.url);
    const his = receive(bob);
    await isLive(his);
    await bob.client.logout();
    await expect(his.done).rejects.toMatchObject({ status: 401, code: "invalid_token" });
  });

  it("of the loop is the end of the program: nothing keeps it running", async () => {
    const bob = await newcomer(stack.url);
    const program = `
      import { Client } from ${JSON.stringify(new URL("../../lib/client/index.ts", import.meta.url).href)};
      const client = new Client({ url: ${JSON.stringify(stack.url)}, session: ${JSON.stringify(bob.session)} });
      const onConnection = (state) => state === "live" && client.send({ to: ${JSON.stringify(bob.id)}, content: "Hello" });
      for await (const { content } of client.receive({ onConnection })) {
        console.log(content);
        break;
      }`;
    const child = spawn(process.execPath, ["--input-type=module-typescript", "--eval", program]);
    onTestFinished(() => void child.kill("SIGKILL"));
    const [[code], output, errors] = await Promise.all([once(child, "exit"), text(child.stdout), text(child.stderr)]);
    expect({ code, output, errors }).toEqual({ code: 0, output: "Hello\n", errors: "" });
  });
});
