import { describe, expect, it } from "vitest";
import {
  Client,
  type FileMessage,
  groupEventIn,
  type Message,
  messageIdsIn,
  type OtherMessage,
  type Outgoing,
  ownChangesIn,
  type ReceiveOptions,
  type TextMessage,
} from "../../../lib/client/index.ts";
import { type Act, json, scripted, session, testTiming } from "../../support/client-servers.ts";
import { edit, groupEvent, own, reaction, receipt, text, toGroup, toPerson, unknown } from "../../support/messages.ts";

const stored: Act = (response, request, body) => {
  const { messageId } = body ?? {};
  json(202, { status: "stored", messageId, sentAt: "2026-01-01T00:00:00.000Z" })(response, request);
};

async function bodyOf(outgoing: Omit<Outgoing, "to">): Promise<Record<string, unknown>> {
  const { url, seen } = await scripted(stored);
  const client = new Client({ url, timing: testTiming(), session, live: false });
  await client.send({ to: "bob", ...outgoing });
  const { messageId: _, ...body } = { ...seen[0]?.body } as Record<string, unknown>;
  return body;
}

const base = { id: session.id, sendToId: "bob" };

describe("what is sent", () => {
  it("is what goTalk's first clients send, unless it has a type", async () => {
    expect(await bodyOf({ content: "Hello" })).toStrictEqual({ ...base, content: "Hello" });
  });

  it.each(["text", "file", "poll/vote"])(
    "of the type %s disturbs people, and is copied to the own devices",
    async (type) => {
      expect(await bodyOf({ content: "x", type, about: "1" })).toStrictEqual({
        ...base,
        content: "x",
        type,
        about: "1",
      });
    },
  );

  it.each(["edit", "deletion", "reaction", "own"])("of the type %s is quiet", async (type) => {
    expect(await bodyOf({ content: "", type })).toStrictEqual({ ...base, content: "", type, quiet: true });
  });

  it.each(["delivered", "read"])("of the type %s is quiet, and has no copies", async (type) => {
    expect(await bodyOf({ content: "[]", type })).toStrictEqual({
      ...base,
      ...{ content: "[]", type, quiet: true, copies: false },
    });
  });

  it("is as quiet and as often copied as the program says", async () => {
    expect(await bodyOf({ content: "x", type: "text", quiet: true, copies: false })).toMatchObject({
      quiet: true,
      copies: false,
    });
    const loud = await bodyOf({ content: "[]", type: "read", quiet: false, copies: true });
    expect(loud).toStrictEqual({ ...base, content: "[]", type: "read" });
  });
});

const ALICE = "alice";
const me = session.id;
const group = toGroup("g-1");
const all: Message[] = [
  text("1", ALICE),
  reaction("2", ALICE, "1", "👍"),
  text("3", me, toPerson(ALICE)),
  text("4", ALICE, group),
  edit("5", me, "3", toPerson(ALICE)),
  groupEvent("6", ALICE, "g-1", { version: 1, event: "created" }),
  text("7", me, group),
  receipt("read", "8", ALICE, ["3"]),
  own("9", {}, me),
  unknown("10", ALICE),
  text("11", me),
];

async function received(options: ReceiveOptions): Promise<{ ids: string[]; acks: unknown[] }> {
  const batch: Act = json(200, { messages: all, receipt: "receipt-1", more: false });
  const { url, seen } = await scripted(batch, json(200, { messages: [], receipt: "receipt-1", more: false }));
  const client = new Client({ url, timing: testTiming(), session, live: false });
  const ids: string[] = [];
  for await (const { messageId } of client.receive({ follow: false, ...options })) ids.push(messageId);
  return { ids, acks: seen.map(({ body }) => body.ack) };
}

describe("what is received", () => {
  it.each<[string, ReceiveOptions, string[]]>([
    ["is neither quiet nor the user's own, but what the user has sent to oneself", {}, ["1", "4", "6", "10", "11"]],
    ["is quiet as well where it is asked for", { quiet: true }, ["1", "2", "4", "6", "8", "9", "10", "11"]],
    ["is the user's own as well where it is asked for", { ownCopies: true }, ["1", "3", "4", "6", "7", "10", "11"]],
    ["is everything where both are asked for", { ownCopies: true, quiet: true }, all.map(({ messageId }) => messageId)],
  ])("%s, and all of it is acknowledged", async (_, options, expected) => {
    expect(await received(options)).toEqual({ ids: expected, acks: ["receipt-0", "receipt-1"] });
  });

  it("is a batch, whatever types its messages have", async () => {
    const messages = [
      { ...text("1", ALICE), type: "file" },
      { ...text("2", ALICE), type: 7, about: 7, quiet: 7 },
    ];
    const { url } = await scripted(json(200, { messages, receipt: "receipt-1", more: false }));
    const { messages: read } = await new Client({ url, timing: testTiming(), session, live: false }).sync();
    expect(read.map(({ type }) => type)).toEqual(["file?", "?"]);
  });
});

/** Compiles only if the compiler tells messages apart by their types. */
function said(message: Message): string {
  switch (message.type) {
    case undefined:
    case "text":
      return (message satisfies TextMessage).content;
    case "edit":
    case "deletion":
    case "reaction":
      return message.about satisfies string;
    case "delivered":
    case "read":
      return messageIdsIn(message).join();
    case "own":
      return Object.keys(ownChangesIn(message)).join();
    case "group":
      return groupEventIn(message).event;
    case "file":
      return (message satisfies FileMessage).content;
    default:
      return (message satisfies OtherMessage).type;
  }
}

it("types tell messages apart", () => {
  expect(
    [text("1", ALICE), edit("2", ALICE, "1"), receipt("read", "3", ALICE, ["7"]), unknown("4", ALICE)].map(said),
  ).toEqual(["content of 1", "1", "7", "poll"]);
});
