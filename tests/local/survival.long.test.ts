import { once } from "node:events";
import type { Socket } from "node:net";
import { buffer } from "node:stream/consumers";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../support/eventually.ts";
import { newcomer } from "../support/people.ts";
import { wireTo } from "../support/raw-request.ts";
import { type Seed, seedingOf } from "../support/seeding.ts";
import { type Stack, startStack } from "../support/stack.ts";

const TEXT = 0x1;
const BINARY = 0x2;
const CONTINUATION = 0x0;
const CLOSE = 0x8;
const PING = 0x9;

/** WebSocket's own codes (RFC 6455, 7.4.1). */
const PROTOCOL_ERROR = 1002;
const NOT_UTF8 = 1007;
const POLICY = 1008;
const TOO_LARGE = 1009;

const MiB = 1024 * 1024;

let stack: Stack;
let register: Seed;
beforeAll(async () => {
  stack = await startStack();
  register = seedingOf(stack.data);
});
afterAll(() => stack.stop());

/** After each attack the same process goes on, has said nothing, and serves. */
afterEach(async () => {
  const { id, client } = await newcomer(stack.url, { register });
  await client.send({ to: id, content: "still there" });
  const { messages } = await eventually(() => client.sync());
  expect(messages).toMatchObject([{ content: "still there" }]);
  expect(stack.output().replace(/^goTalk listens on .*\n {2}data .*\n {2}stop .*\n/, "")).toBe("");
});

interface FrameOptions {
  readonly isLast?: boolean;
  readonly isMasked?: boolean;
  readonly reserved?: number;
  /** The length that the frame claims to have. */
  readonly claims?: number;
}

/** A frame of a client, well-formed unless it is said otherwise. */
function frame(opcode: number, payload: string | Buffer, options: FrameOptions = {}): Buffer {
  const { isLast = true, isMasked = true, reserved = 0, claims } = options;
  const data = Buffer.from(payload);
  const length = claims ?? data.length;
  const header = Buffer.alloc(10);
  header[0] = (isLast ? 0x80 : 0) | (reserved << 4) | opcode;
  header[1] = (isMasked ? 0x80 : 0) | 127;
  header.writeBigUInt64BE(BigInt(length), 2);
  // A mask of zeros leaves the data as it is. Control frames may not use the long form of the length.
  const head = length < 126 ? Buffer.from([header[0], (isMasked ? 0x80 : 0) | length]) : header;
  return Buffer.concat([head, Buffer.alloc(isMasked ? 4 : 0), data]);
}

const HANDSHAKE = (port: number): string =>
  [
    "GET /live HTTP/1.1",
    `Host: localhost:${port}`,
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: a2tra2tra2tra2tra2traw==",
    "\r\n",
  ].join("\r\n");

/** A WebSocket connection, on which a test writes bytes as it likes. */
async function webSocket(): Promise<Socket> {
  const socket = await wireTo(stack.port);
  socket.write(HANDSHAKE(stack.port));
  const [answer] = await once(socket, "data");
  expect(String(answer)).toMatch(/^HTTP\/1\.1 101 /);
  return socket;
}

/** The code of the frame by which the server closes a connection. Waits for the end of it. */
async function closedWith(socket: Socket): Promise<number | undefined> {
  const said = await buffer(socket);
  return said.at(-4) === (0x80 | CLOSE) ? said.readUInt16BE(said.length - 2) : undefined;
}

const CHUNK = `2000\r\n${"x".repeat(0x2000)}\r\n`;

/** Writes the same again and again until the server cuts the connection. Answers with the bytes that were written. */
async function writeUntilCut(socket: Socket, bytes: Buffer, most: number): Promise<number> {
  const { promise: cut, resolve } = Promise.withResolvers<void>();
  socket.once("close", () => resolve());
  let written = 0;
  for (; !socket.destroyed && written < most; written += bytes.length) {
    if (!socket.write(bytes)) await Promise.race([new Promise((go) => socket.once("drain", go)), cut]);
  }
  return written;
}

describe("a WebSocket is closed, and it alone, by", () => {
  it.each<[string, Buffer[], number]>([
    ["a reserved bit", [frame(TEXT, "{}", { reserved: 4 })], PROTOCOL_ERROR],
    ["an unknown opcode", [frame(0x3, "{}")], PROTOCOL_ERROR],
    ["a frame without a mask", [frame(TEXT, "{}", { isMasked: false })], PROTOCOL_ERROR],
    ["a fragment of nothing", [frame(CONTINUATION, "{}")], PROTOCOL_ERROR],
    ["a message within a message", [frame(TEXT, "{", { isLast: false }), frame(TEXT, "}")], PROTOCOL_ERROR],
    ["a ping in fragments", [frame(PING, "x", { isLast: false })], PROTOCOL_ERROR],
    ["a ping that is too long", [frame(PING, "x".repeat(126))], PROTOCOL_ERROR],
    ["half a code", [frame(CLOSE, "x")], PROTOCOL_ERROR],
    ["a code that is none", [frame(CLOSE, Buffer.from([0, 1]))], PROTOCOL_ERROR],
    ["text that is not UTF-8", [frame(TEXT, Buffer.from([0x63, 0xe9]))], NOT_UTF8],
    [
      "text that is not UTF-8, in fragments",
      [frame(TEXT, "x", { isLast: false }), frame(CONTINUATION, Buffer.from([0xff]))],
      NOT_UTF8,
    ],
    ["the claim of 101 MiB", [frame(TEXT, "{", { claims: 101 * MiB })], TOO_LARGE],
    ["the claim of a petabyte", [frame(BINARY, "{", { claims: 2 ** 50 })], TOO_LARGE],
    ["the claim of more than a number can hold", [frame(BINARY, "{", { claims: 2 ** 60 })], TOO_LARGE],
    ["more than API Gateway takes", [frame(TEXT, "x".repeat(128 * 1024 + 1))], TOO_LARGE],
    [
      "more than API Gateway takes, in fragments",
      Array.from({ length: 3 }, (_, n) => frame(n ? CONTINUATION : TEXT, "x".repeat(60_000), { isLast: false })),
      TOO_LARGE,
    ],
    [
      "fragments without an end",
      Array.from({ length: 10_000 }, (_, n) => frame(n ? CONTINUATION : TEXT, "", { isLast: false })),
      POLICY,
    ],
  ])("%s", async (_, frames, code) => {
    const other = await webSocket();
    const socket = await webSocket();
    socket.write(Buffer.concat(frames));
    expect(await closedWith(socket)).toBe(code);
    other.write(frame(TEXT, '{"type":"ping"}'));
    const [answer] = await once(other, "data");
    expect(String(answer)).toContain('{"type":"pong"}');
  });

  it("a frame that comes before its own connection is open", async () => {
    const socket = await wireTo(stack.port);
    socket.write(Buffer.concat([Buffer.from(HANDSHAKE(stack.port)), frame(0x3, "x")]));
    expect(await closedWith(socket)).toBe(PROTOCOL_ERROR);
  });

  it("pings whose answers it never reads", async () => {
    const socket = await webSocket();
    socket.pause();
    const pings = Buffer.concat(Array.from({ length: 1_000 }, () => frame(PING, "x".repeat(125))));
    expect(await writeUntilCut(socket, pings, 128 * MiB)).toBeLessThan(128 * MiB);
  });
});

it("a flood of messages on one connection keeps nobody else from being answered", async () => {
  const socket = await webSocket();
  socket.write(Buffer.concat(Array.from({ length: 5_000 }, () => frame(TEXT, '{"type":"ping"}'))));
  const other = await webSocket();
  other.write(frame(TEXT, '{"type":"ping"}'));
  const [answer] = await once(other, "data");
  expect(String(answer)).toContain('{"type":"pong"}');
});

describe("a connection may end at any moment", () => {
  it.each<[string, () => string | Buffer]>([
    ["before a word", () => ""],
    ["in the request's line", () => "GET /li"],
    ["in the headers", () => HANDSHAKE(stack.port).slice(0, -20)],
    ["while a WebSocket is let in", () => HANDSHAKE(stack.port)],
    [
      "in the middle of a frame",
      () => Buffer.concat([Buffer.from(HANDSHAKE(stack.port)), frame(TEXT, "{", { claims: 1000 })]),
    ],
    [
      "in an upload",
      () => `POST /send HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60000\r\n\r\n${"x".repeat(5_000)}`,
    ],
    ["in a chunk", () => "POST /send HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\nxxx"],
    ["while it is answered", () => "POST /sync HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}"],
    [
      "waiting to be told to go on",
      () => "POST /send HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n",
    ],
  ])("%s", async (_, bytes) => {
    for (const end of ["resetAndDestroy", "destroy", "end"] as const) {
      const socket = await wireTo(stack.port);
      socket.resume();
      await new Promise((resolve) => socket.write(bytes() || "\r\n", resolve));
      socket[end]();
    }
  });
});

describe("what is no request is answered by 4xx, and ends its connection", () => {
  it.each([
    ["noise", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"],
    ["an unknown method", "BREW / HTTP/1.1\r\nHost: localhost\r\n\r\n"],
    ["100 KB of headers", `GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: ${"x".repeat(100_000)}\r\n\r\n`],
    ["20,000 headers", `GET / HTTP/1.1\r\nHost: localhost\r\n${"a: b\r\n".repeat(20_000)}\r\n`],
    ["two lengths", "POST /send HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd"],
    [
      "a length and chunks",
      "POST /send HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ],
    ["a chunk without a length", "POST /send HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"],
    ["a path that is none", "GET http://%zz/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"],
    [
      "a WebSocket without a key",
      "GET /live HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
    ],
    ["a WebSocket of an unknown version", HANDSHAKE(1).replace("Version: 13", "Version: 99")],
  ])("%s", async (_, bytes) => {
    const socket = await wireTo(stack.port);
    socket.write(bytes, "latin1");
    expect(String(await buffer(socket))).toMatch(/^HTTP\/1\.1 4\d\d /);
  });
});

it("a body in chunks of more than 64 KiB is refused by 413", async () => {
  const socket = await wireTo(stack.port);
  socket.write("POST /send HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n");
  socket.write(`${CHUNK.repeat(10)}0\r\n\r\n`);
  expect(String(await buffer(socket))).toMatch(/^HTTP\/1\.1 413 /);
});

it("a body in chunks without an end is cut off", async () => {
  const socket = await wireTo(stack.port);
  socket.resume();
  socket.write("POST /send HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
  expect(await writeUntilCut(socket, Buffer.from(CHUNK.repeat(10)), 128 * MiB)).toBeLessThan(128 * MiB);
});

it("connections past the bound are dropped, and those before it stay", async () => {
  const { token, id } = await newcomer(stack.url, { register });
  const first = await webSocket();
  // A connection that does not authenticate is closed after a while, and opening the others may take longer.
  first.write(frame(TEXT, JSON.stringify({ token, id })));
  expect(String((await once(first, "data"))[0])).toContain('{"type":"ready"}');
  const many = await Promise.all(Array.from({ length: 2_100 }, () => wireTo(stack.port)));
  await Promise.race(many.map((socket) => once(socket.resume(), "close")));
  for (const socket of many) socket.destroy();
  first.write(frame(TEXT, '{"type":"ping"}'));
  const [answer] = await once(first, "data");
  expect(String(answer)).toContain('{"type":"pong"}');
});
