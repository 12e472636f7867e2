import fc from "fast-check";
import { expect, it } from "vitest";
import { type Batch, Client, type Message, type Session } from "../../../lib/client/index.ts";
import { fakeSockets } from "../../support/fake-socket.ts";
import { settle, VirtualTime } from "../../support/virtual-time.ts";

const session: Session = { token: "token", id: "me", username: "me", receipt: "login", expiresAt: "never" };
const TEXTS = ["messageId", "senderId", "senderName", "sentAt"] as const;
const FURTHER = ["content", "redelivered", "toId", "toName", "type", "about", "quiet", "further"];
const TYPES = ["text", "file", "edit", "deletion", "reaction", "delivered", "read", "own", "group", "poll"];

const anything = fc.oneof(fc.string(), fc.jsonValue(), fc.constant(undefined));

/** A message with some of its fields right, some wrong, some missing, and some that no version of goTalk knows. */
const message = fc
  .tuple(
    fc.record(Object.fromEntries(TEXTS.map((name) => [name, fc.string({ minLength: 1 })]))),
    fc.record({ content: fc.string(), redelivered: fc.boolean() }),
    fc.record({ type: fc.constantFrom(...TYPES), about: fc.string(), quiet: fc.boolean() }, { requiredKeys: [] }),
    fc.dictionary(fc.constantFrom(...TEXTS, ...FURTHER), anything, { maxKeys: 2 }),
  )
  .map((parts) => Object.assign({}, ...parts));

const type = fc.oneof(fc.constantFrom("message", "wake", "pong", "ready", "ping"), anything);

/** What a server, or something between, may say on a WebSocket. */
const data: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: message.map((one) => JSON.stringify({ type: "message", message: one })) },
  { weight: 2, arbitrary: fc.record({ type, message: anything, waiting: anything }).map((one) => JSON.stringify(one)) },
  { weight: 1, arbitrary: fc.json() },
  { weight: 1, arbitrary: fc.string() },
  { weight: 1, arbitrary: fc.constantFrom(undefined, null, new ArrayBuffer(3)) },
);

it(
  "whatever a WebSocket says, the client goes on, and shows nothing but whole messages",
  () =>
    fc.assert(
      fc.asyncProperty(fc.array(data, { maxLength: 20 }), async (said) => {
        const time = new VirtualTime();
        const sockets = fakeSockets();
        const life = new AbortController();
        const shown: Message[] = [];
        let syncs = 0;
        const network: typeof fetch = async (_, init) => {
          syncs++;
          const { ack } = JSON.parse(String(init?.body));
          return Response.json({ messages: [], receipt: ack, more: false } satisfies Batch);
        };
        const options = {
          url: "https://x.example",
          session,
          timing: time,
          fetch: network,
          WebSocket: sockets.WebSocket,
        };
        const inbox = new Client(options).receive({
          signal: life.signal,
          ownCopies: true,
          onPreview: (one) => void shown.push(one),
        });
        const done = inbox[Symbol.asyncIterator]().next();
        await settle();
        const socket = sockets.all[0] ?? expect.fail("no socket was opened");
        socket.accept();
        for (const one of said) socket.onmessage?.({ data: one as string });
        await settle();
        for (const one of shown) {
          for (const name of TEXTS) expect([one[name], one[name].length > 0]).toEqual([expect.any(String), true]);
          expect([typeof one.content, typeof one.redelivered]).toEqual(["string", "boolean"]);
          const optional = [one.toId, one.toName, one.type, one.about];
          for (const field of optional) expect(["string", "undefined"]).toContain(typeof field);
          expect([true, undefined]).toContain(one.quiet);
        }
        const before = syncs;
        socket.say({ type: "wake" });
        await settle();
        expect(syncs).toBeGreaterThan(before);
        life.abort();
        await done;
      }),
      { numRuns: 300 },
    ),
  60_000,
);
