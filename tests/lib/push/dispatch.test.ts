import { once } from "node:events";
import { createServer } from "node:https";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { json } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LIMITS } from "../../../lib/contract/limits.ts";
import { signBy } from "../../../lib/database/aws-calls.ts";
import { createDatabase } from "../../../lib/database/database.ts";
import { Dispatch } from "../../../lib/push/dispatch.ts";
import type { PushEvent } from "../../../lib/push/push-event.ts";
import { CERTIFICATE, KEY } from "../../support/certificate.ts";
import { eventually } from "../../support/eventually.ts";
import { type AwsStandIn, startAwsStandIn } from "../../support/lambda-service.ts";

const EVENT: PushEvent = {
  push: {
    message: { messageId: "m", senderId: "s", senderName: "alice", text: "Hello 👋", sentAt: 1 },
    targets: [{ userId: "u", deviceId: "d", sessionId: "x", channel: "u" }],
    tries: 0,
  },
};
const PATH = "/2015-03-31/functions/gotalk-dev-push/invocations";

const database = createDatabase(() => {}, {
  region: "eu-central-1",
  credentials: { accessKeyId: "id", secretAccessKey: "secret", sessionToken: "session" },
});

describe("an asynchronous invocation", () => {
  let lambda: AwsStandIn;
  let dispatch: Dispatch;

  beforeEach(async () => {
    vi.spyOn(console, "warn").mockImplementation(() => {});
    lambda = await startAwsStandIn();
    dispatch = new Dispatch(lambda.url + PATH, signBy(database));
  });
  afterEach(async () => {
    await lambda.close();
    vi.restoreAllMocks();
  });

  it("is what Lambda's API takes, signed with the function's own credentials", async () => {
    await dispatch.open().send(EVENT);
    await lambda.until(1);
    expect(lambda.requests).toEqual([
      {
        method: "POST",
        path: PATH,
        body: EVENT,
        headers: expect.objectContaining({
          "x-amz-invocation-type": "Event",
          "x-amz-security-token": "session",
          "content-type": "application/json",
          host: new URL(lambda.url).host,
          authorization: expect.stringMatching(
            /^AWS4-HMAC-SHA256 Credential=id\/\d{8}\/eu-central-1\/lambda\/aws4_request, SignedHeaders=.*host.*x-amz-invocation-type/,
          ),
        }),
      },
    ]);
  });

  it("is handed over though Lambda never answers", async () => {
    lambda.answer(undefined);
    await dispatch.open().send(EVENT);
    await lambda.until(1);
    expect(console.warn).not.toHaveBeenCalled();
  });

  it("connects before it has anything to send, each on a connection of its own", async () => {
    const [one, other] = [dispatch.open(), dispatch.open()];
    await eventually(() => expect(lambda.connections()).toBe(2));
    expect(lambda.requests).toEqual([]);
    await one.send(EVENT);
    await other.send(EVENT);
    await lambda.until(2);
    expect(lambda.connections()).toBe(2);
  });

  it("sends nothing where it is closed", async () => {
    const invocation = dispatch.open();
    await eventually(() => expect(lambda.connections()).toBe(1));
    invocation.close();
    await expect(invocation.send(EVENT)).rejects.toThrow();
    expect(lambda.requests).toEqual([]);
  });

  it("takes nothing back once it has been sent", async () => {
    const invocation = dispatch.open();
    await invocation.send(EVENT);
    invocation.close();
    await lambda.until(1);
  });

  it("that Lambda refuses is logged, and fails nothing", async () => {
    lambda.answer(429);
    await dispatch.open().send(EVENT);
    await eventually(() => expect(console.warn).toHaveBeenCalledTimes(1));
    expect(String(vi.mocked(console.warn).mock.calls[0])).toContain("429");
  });

  it("fails where nobody listens", async () => {
    const { url } = lambda;
    await lambda.close();
    await expect(new Dispatch(url + PATH, signBy(database)).open().send(EVENT)).rejects.toThrow();
    lambda = await startAwsStandIn();
  });

  it("that nobody sends closes itself after its time", async () => {
    const { requestTime } = LIMITS;
    Object.assign(LIMITS, { requestTime: 50 });
    // It ends no connection by itself.
    const patient = createTcpServer().listen(0, "127.0.0.1");
    await once(patient, "listening");
    let ended = 0;
    patient.on("connection", (socket) => socket.on("close", () => ended++).on("error", () => undefined));
    try {
      const url = `http://127.0.0.1:${(patient.address() as AddressInfo).port}${PATH}`;
      const invocation = new Dispatch(url, signBy(database)).open();
      await eventually(() => expect(ended).toBe(1));
      await expect(invocation.send(EVENT)).rejects.toThrow("it took too long");
    } finally {
      Object.assign(LIMITS, { requestTime });
      patient.close();
    }
  });

  it("goes over TLS, and to nobody whose certificate does not hold", async () => {
    const taken: unknown[] = [];
    const server = createServer({ cert: CERTIFICATE, key: KEY }, async (request, response) => {
      taken.push(await json(request));
      response.writeHead(202).end();
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}${PATH}`;
    try {
      await expect(new Dispatch(url, signBy(database)).open().send(EVENT)).rejects.toThrow(/certificate/);
      expect(taken).toEqual([]);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});
