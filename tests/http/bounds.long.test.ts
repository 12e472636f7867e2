import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Client, newMessageId } from "../../lib/client/index.ts";
import { LIMITS } from "../../lib/contract/limits.ts";
import { LIMIT_MS } from "../support/eventually.ts";
import { type Stack, startStack } from "../support/stack.ts";

const BURST = 100;
const PER_SECOND = 1;
const MESSAGES = 30;
/** One after the other, a busy machine sends no faster than the bucket fills. */
const AT_ONCE = 10;

describe("a stack whose operator has lowered the bounds", () => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await startStack({
      env: {
        SEND_BURST: String(BURST),
        SEND_PER_SECOND: String(PER_SECOND),
        REPLAY_BURST: "1",
        REPLAY_PER_SECOND: "5",
        CHANNEL_MESSAGES: String(MESSAGES),
      },
    });
  });
  afterAll(() => stack.stop());

  /** How often a request was repeated that a busy stack had not answered in time. Each attempt may count. */
  let repeats = 0;

  const post = async (route: string, fields: Record<string, string>): Promise<Response> => {
    for (;;) {
      const response = await fetch(`${stack.url}/${route}`, { method: "POST", body: new URLSearchParams(fields) });
      if (response.status !== 503) return response;
      repeats++;
      expect(repeats).toBeLessThan(1_000);
    }
  };

  /** Somebody new, who is logged in. */
  async function person(username: string): Promise<{ id: string; token: string }> {
    const credentials = { username, password: "correct-horse" };
    // A client repeats what a busy stack does not answer in time.
    const client = new Client({ url: stack.url, live: false, retry: { giveUpAfter: LIMIT_MS } });
    await client.register(credentials);
    const { id, token } = await client.login(credentials);
    return { id, token };
  }

  /** Sends, so many at once, until one is refused. */
  async function sendUntilRefused(
    sender: { id: string; token: string },
    receivers: readonly string[],
    { atOnce }: { atOnce: number },
  ) {
    const { id, token } = sender;
    const begun = performance.now();
    const repeatsBefore = repeats;
    const send = (index: number): Promise<Response> => {
      const sendToId = receivers[index % receivers.length] as string;
      return post("send", { id, token, sendToId, content: `message ${index}`, messageId: newMessageId() });
    };
    for (let sent = 0; ; ) {
      const first = sent;
      const responses = await Promise.all(Array.from({ length: atOnce }, (_, n) => send(first + n)));
      sent += responses.filter(({ status }) => status === 202).length;
      const response = responses.find(({ status }) => status !== 202);
      if (response !== undefined) {
        const problem = (await response.json()) as { code: string };
        const seconds = (performance.now() - begun) / 1_000;
        return { sent, response, problem, seconds, repeats: repeats - repeatsBefore };
      }
      expect(sent).toBeLessThan(1_000);
    }
  }

  it("refuses who sends too fast, and says when to go on", async () => {
    const sender = await person("fast");
    // So many receivers that none of their channels is full.
    const receivers: string[] = [];
    for (let n = 0; n < 20; n++) receivers.push((await person(`quiet${n}`)).id);
    const { sent, response, problem, seconds, repeats } = await sendUntilRefused(sender, receivers, {
      atOnce: AT_ONCE,
    });
    expect(response.status).toBe(429);
    expect(problem.code).toBe("too_many_messages");
    expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
    // Each of the four workers may let a lease through that it does not write down, and the bucket fills meanwhile.
    expect(sent).toBeGreaterThanOrEqual(BURST - repeats);
    expect(sent).toBeLessThanOrEqual(BURST + 5 * LIMITS.send.lease + PER_SECOND * seconds + repeats + AT_ONCE);
  });

  it("takes nothing off a user's rate for what a token of an ended session sends", async () => {
    const [stolen, receiver] = [await person("robbed"), await person("spared")];
    const live = (await (
      await post("login", { username: "robbed", password: "correct-horse" })
    ).json()) as typeof stolen;
    await post("logout", stolen);
    const send = async ({ id, token }: typeof stolen, content: string): Promise<number> =>
      (await post("send", { id, token, sendToId: receiver.id, content })).status;
    // More than the bucket holds, and what each of the workers may let through besides.
    const most = BURST + 5 * LIMITS.send.lease;
    for (let sent = 0; sent < most; sent += 10) {
      const statuses = await Promise.all(Array.from({ length: 10 }, (_, n) => send(stolen, `dead ${sent + n}`)));
      expect(new Set(statuses)).toEqual(new Set([401]));
    }
    for (let sent = 0; sent < MESSAGES / 2; sent++) expect(await send(live, `live ${sent}`)).toBe(202);
  });

  it("lets a client whose answers are lost wait, and then receive every message once", async () => {
    const [sender, receiver] = [await person("patient"), await person("unlucky")];
    for (const content of ["one", "two"]) await post("send", { ...sender, sendToId: receiver.id, content });
    const codes: string[] = [];
    // More than all workers together let through without a look at the bucket, and what that holds.
    let lost = 2 * 5 * LIMITS.replay.lease;
    const client = new Client({
      url: stack.url,
      live: false,
      retry: { base: 1, max: 2 },
      fetch: async (...request) => {
        const response = await fetch(...request);
        if (response.status === 429) codes.push(((await response.clone().json()) as { code: string }).code);
        if (response.ok && String(request[0]).endsWith("/sync") && lost-- > 0) throw new TypeError("cut");
        return response;
      },
    });
    await client.login({ username: "unlucky", password: "correct-horse" });
    const received: string[] = [];
    for await (const { content } of client.receive({ follow: true })) {
      if (received.push(content) === 2) break;
    }
    expect(received).toEqual(["one", "two"]);
    expect(new Set(codes)).toEqual(new Set(["too_many_requests"]));
  });

  it("refuses to put more on a channel than its bound, and loses none of what it took", async () => {
    const [sender, receiver] = [await person("eager"), await person("away")];
    const { sent, response, problem, repeats } = await sendUntilRefused(sender, [receiver.id], { atOnce: 1 });
    expect(response.status).toBe(429);
    expect(problem.code).toBe("channel_full");
    expect(response.headers.get("retry-after")).toBe(String(LIMITS.channel.recount / 1_000));
    expect(sent).toBeGreaterThanOrEqual(MESSAGES - repeats);
    expect(sent).toBeLessThanOrEqual(1.5 * MESSAGES);
    // A sync with a receipt may be repeated.
    const synced = await post("sync", { ...receiver, ack: "none-before" });
    const { messages } = (await synced.json()) as { messages: { content: string }[] };
    const contents = messages.map(({ content }) => content);
    // An attempt that had no answer may have stored what its repeat was refused.
    const isRefusedThere = repeats > 0 && contents.length === sent + 1;
    expect(contents).toEqual(Array.from({ length: sent + Number(isRefusedThere) }, (_, n) => `message ${n}`));
  });
});
