import { describe, expect, it, onTestFinished } from "vitest";
import { type Batch, Client, type Message, type Typing } from "../../../lib/client/index.ts";
import { fakeSockets } from "../../support/fake-socket.ts";
import { message, session } from "../../support/received.ts";
import { settle, VirtualTime } from "../../support/virtual-time.ts";

const SECOND = 1_000;

/** A receiver with its surroundings in the test's hand, connected. */
async function setUp({ isUp = true } = {}) {
  const time = new VirtualTime();
  const sockets = fakeSockets();
  const told: Typing[] = [];
  const messages: Message[] = [];
  const answer = (): Batch => ({ messages: messages.splice(0), receipt: "next", more: false });
  const client = new Client({
    url: "https://example.org",
    session,
    timing: time,
    fetch: async () => Response.json(answer()),
    WebSocket: sockets.WebSocket,
  });
  const controller = new AbortController();
  const inbox = client.receive({
    signal: controller.signal,
    onTyping: (typing) => void told.push(typing),
    onPreview: () => {},
  });
  const done = (async () => {
    for await (const _ of inbox);
  })();
  done.catch(() => undefined);
  onTestFinished(() => controller.abort());
  await settle();
  const socket = () => {
    const last = sockets.all.at(-1);
    if (last === undefined) throw new Error("no socket was opened");
    return last;
  };
  if (isUp) socket().accept();
  await settle();
  return {
    ...{ time, inbox, socket, messages, controller, done },
    /** What the program was told since the last time. */
    told: () => told.splice(0),
    hear: (senderId: unknown, toId?: unknown) =>
      socket().say({ type: "typing", senderId, ...(toId !== undefined && { toId }) }),
    /** The frames of this kind that the client has sent since the last time. */
    said: () =>
      socket()
        .sent.splice(0)
        .filter(({ type }) => type === "typing"),
  };
}

const begins = (senderId: string, toId?: string): Typing => ({ senderId, ...(toId && { toId }), isTyping: true });
const ends = (senderId: string, toId?: string): Typing => ({ senderId, ...(toId && { toId }), isTyping: false });

describe("a user who is typing", () => {
  it("is told of once when it begins, and once 6 seconds after the last sign of it", async () => {
    const { hear, told, time } = await setUp();
    hear("alice");
    expect(told()).toStrictEqual([begins("alice")]);
    await time.advance(5_999);
    hear("alice");
    await time.advance(5_999);
    expect(told()).toStrictEqual([]);
    await time.advance(1);
    expect(told()).toStrictEqual([ends("alice")]);
    await time.advance(60 * SECOND);
    expect(told()).toStrictEqual([]);
    hear("alice");
    expect(told()).toStrictEqual([begins("alice")]);
  });

  it("is told of in each conversation by itself", async () => {
    const { hear, told, time } = await setUp();
    hear("alice");
    hear("alice", "g-1");
    await time.advance(3 * SECOND);
    hear("carol");
    expect(told()).toStrictEqual([begins("alice"), begins("alice", "g-1"), begins("carol")]);
    await time.advance(3 * SECOND);
    expect(told()).toStrictEqual([ends("alice"), ends("alice", "g-1")]);
    await time.advance(3 * SECOND);
    expect(told()).toStrictEqual([ends("carol")]);
  });

  it.each(["preview", "sync"])("has ended once a message comes by a %s, in that conversation alone", async (way) => {
    const { hear, told, socket, messages, inbox, time } = await setUp();
    const come = async (one: Message) => {
      if (way === "preview") socket().say({ type: "message", message: one });
      else {
        messages.push(one);
        inbox.wake();
      }
      await settle();
    };
    hear("alice");
    hear("alice", "g-1");
    told();
    await come(message("1", { senderId: "carol" }));
    await come(message("2", { quiet: true }));
    expect(told()).toStrictEqual([]);
    await come(message("3"));
    expect(told()).toStrictEqual([ends("alice")]);
    await come(message("4", { toId: "g-1", toName: "Friends" }));
    expect(told()).toStrictEqual([ends("alice", "g-1")]);
    await time.advance(3 * SECOND);
    hear("alice");
    // Longer than the first frame would have counted.
    await time.advance(5_999);
    expect(told()).toStrictEqual([begins("alice")]);
  });

  it("has ended when the WebSocket does, and when the loop does", async () => {
    const { hear, told, socket, time, controller, done } = await setUp();
    hear("alice");
    hear("alice", "g-1");
    socket().end();
    await settle();
    expect(told()).toStrictEqual([begins("alice"), begins("alice", "g-1"), ends("alice"), ends("alice", "g-1")]);
    await time.advance(2 * SECOND);
    socket().accept();
    hear("carol");
    controller.abort();
    await done;
    expect(told()).toStrictEqual([begins("carol"), ends("carol")]);
  });

  it.each([[undefined], [5], [""], ["alice", 5], ["alice", ""], ["alice", {}]])(
    "is not told of by a frame that is not the server's: %j %j",
    async (senderId, toId?: unknown) => {
      const { hear, told, socket } = await setUp();
      hear(senderId, toId);
      expect(told()).toStrictEqual([]);
      expect(socket().isClosed).toBe(false);
    },
  );

  it("is not told of before the connection is proven", async () => {
    const { hear, told, socket } = await setUp({ isUp: false });
    socket().onopen?.();
    hear("alice");
    expect(told()).toStrictEqual([]);
  });

  it("makes nobody sync", async () => {
    const { hear, socket, messages, time } = await setUp();
    await time.advance(60 * SECOND);
    messages.push(message("1"));
    hear("alice");
    await settle();
    expect(messages).toHaveLength(1);
    socket().say({ type: "wake" });
    await settle();
    expect(messages).toHaveLength(0);
  });
});

describe("typing", () => {
  it("is said at once, and again after 4 seconds, in each conversation by itself", async () => {
    const { inbox, said, time } = await setUp();
    said();
    for (const to of ["alice", "alice", "g-1"]) inbox.typing(to);
    expect(said()).toEqual([
      { type: "typing", toId: "alice" },
      { type: "typing", toId: "g-1" },
    ]);
    await time.advance(3_999);
    inbox.typing("alice");
    expect(said()).toEqual([]);
    await time.advance(1);
    inbox.typing("alice");
    inbox.typing("alice");
    expect(said()).toEqual([{ type: "typing", toId: "alice" }]);
  });

  it("is said no more to an older server, which takes it for a wrong proof and closes the connection", async () => {
    const { inbox, socket, said, time } = await setUp();
    inbox.typing("alice");
    said();
    socket().say({ type: "error", code: "invalid_request", detail: "id is required", requestId: "1" });
    socket().end();
    await time.advance(5 * SECOND);
    socket().accept();
    await time.advance(5 * SECOND);
    inbox.typing("alice");
    expect(said()).toEqual([]);
  });

  it.each([
    ["another reason", true, "too_many_requests"],
    ["what was said before", false, "invalid_request"],
  ])("is said again after the connection was refused for %s", async (_, hasTyped, code) => {
    const { inbox, socket, said, time } = await setUp();
    if (hasTyped) inbox.typing("alice");
    socket().say({ type: "error", code, detail: "why", requestId: "1" });
    socket().end();
    await time.advance(5 * SECOND);
    socket().accept();
    await time.advance(5 * SECOND);
    said();
    inbox.typing("alice");
    expect(said()).toEqual([{ type: "typing", toId: "alice" }]);
  });

  it("is not said where there is no connection, and at once when there is one again", async () => {
    const { inbox, socket, said } = await setUp({ isUp: false });
    socket().onopen?.();
    inbox.typing("alice");
    expect(said()).toEqual([]);
    socket().say({ type: "ready" });
    inbox.typing("alice");
    expect(said()).toEqual([{ type: "typing", toId: "alice" }]);
    socket().end();
    await settle();
    inbox.typing("carol");
    expect(said()).toEqual([]);
  });
});
