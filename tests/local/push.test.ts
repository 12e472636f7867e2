import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Api, bearer, httpApi, json } from "../support/api.ts";
import { CERTIFICATE } from "../support/certificate.ts";
import { temporaryFolder } from "../support/folders.ts";
import { newPerson, type Person } from "../support/logins.ts";
import { expectProblem } from "../support/problems.ts";
import { type Browser, StandInPushService } from "../support/push-service.ts";
import { sharedStack } from "../support/shared/index.ts";
import { type Stack, startStack } from "../support/stack.ts";
import { preloading } from "../support/terminal-client.ts";

/**
 * The stack's own timer of what is put off rings at once: it has not quite a minute to wait, as a schedule is cut to the second, and no
 * other timer has.
 */
const IMPATIENT = preloading(`
  const wait = globalThis.setTimeout;
  const isOfSchedule = (ms) => ms > 50_000 && ms < 60_000;
  globalThis.setTimeout = Object.assign((work, ms, ...more) => wait(work, isOfSchedule(ms) ? 0 : ms, ...more), wait);
`);

const put = ({ token }: Pick<Person, "token">, browser: Browser) => ({
  ...bearer(token, json("/push", { ...browser, showText: true })),
  method: "PUT",
});

describe("a local stack that may push to this machine", () => {
  let service: StandInPushService;
  let stack: Stack;
  let api: Api;
  let alice: Person;
  let bob: Person;
  let phone: Pick<Person, "token" | "id">;

  beforeAll(async () => {
    const certificate = join(temporaryFolder(), "certificate.pem");
    writeFileSync(certificate, CERTIFICATE);
    service = await StandInPushService.start();
    const env = { GOTALK_PUSH_LOOPBACK: "true", NODE_EXTRA_CA_CERTS: certificate, ...IMPATIENT };
    stack = await startStack({ env });
    api = httpApi(stack.url);
    [alice, bob] = [await newPerson(api), await newPerson(api)];
    const { username, password } = bob;
    const { body } = await api(json("/login", { username, password, deviceName: "Phone" }));
    phone = { token: String(body["token"]), id: bob.id };
  });
  afterAll(async () => {
    await stack?.stop();
    await service?.close();
  });

  const send = async (content: string): Promise<void> => {
    const { token, id } = alice;
    expect((await api(json("/send", { token, id, sendToId: bob.id, content }))).status).toBe(202);
  };

  it("tells a device that is not connected, as AWS does", async () => {
    const browser = service.subscribe();
    expect((await api(put(phone, browser))).status).toBe(204);
    await send("Hello, Bob!");
    const [push] = await service.until(browser, 1);
    expect(push?.content).toMatchObject({ conversation: alice.id, senderName: alice.username, text: "Hello, Bob!" });
    const { body } = await api(bearer(alice.token, { method: "GET", path: "/push" }));
    expect(push?.key).toBe(body["publicKey"]);
    expect(service.faults).toEqual([]);
  });

  it("tries again what a push service has put off", async () => {
    const browser = service.subscribe();
    expect((await api(put(phone, browser))).status).toBe(204);
    service.refuse(browser, { status: 503 });
    await send("Again");
    const [push] = await service.until(browser, 1);
    expect(push?.content).toMatchObject({ text: "Again" });
  });
});

it("any other local stack calls nothing on this machine", async () => {
  const { url } = await sharedStack();
  const api = httpApi(url);
  const { username, password } = await newPerson(api);
  const { body } = await api(json("/login", { username, password, deviceName: "Phone" }));
  const service = await StandInPushService.start();
  try {
    const answer = await api(put({ token: String(body["token"]) }, service.subscribe()));
    expectProblem(answer, 400, "invalid_request");
    expect(service.asked).toEqual([]);
  } finally {
    await service.close();
  }
});
