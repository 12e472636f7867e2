import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { bearer, form, JSON_TYPE, json, post } from "../support/api.ts";
import { type DatabaseFault, type DatabaseGate, startDatabaseGate } from "../support/database-gate.ts";
import { startEngine, type TestEngine } from "../support/engines.ts";
import { eventsApi } from "../support/events.ts";
import { type MadeFunctions, makeFunctions } from "../support/functions.ts";
import { leaksIn } from "../support/leaks.ts";
import { claimOf, newPerson, PASSWORD, type Person } from "../support/logins.ts";
import { messageIdAt } from "../support/message-ids.ts";

const CONTENT = 'a very private content ✉ "quoted"\nand on a second line';
const NEW_PASSWORD = "a new and private password";
const WRONG_PASSWORD = "a wrong but private password";

// As on AWS: lines of JSON, metrics among them. The logger reads it when it is imported.
vi.hoisted(() => vi.stubEnv("POWERTOOLS_DEV", undefined));

/** What the functions print never holds a password, a token, the key or a message's content. */
describe("logs", () => {
  let engine: TestEngine;
  let gate: DatabaseGate;
  let functions: MadeFunctions;
  let printed = "";
  const secrets = new Map<string, string>();

  beforeAll(async () => {
    const print = (...parts: unknown[]) => {
      printed += `${parts.map((part) => (part instanceof Error ? (part.stack ?? part.message) : String(part))).join(" ")}\n`;
    };
    for (const level of ["debug", "info", "log", "warn", "error", "trace"] as const) {
      vi.spyOn(console, level).mockImplementation(print);
    }
    for (const stream of [process.stdout, process.stderr]) {
      vi.spyOn(stream, "write").mockImplementation((chunk) => {
        print(typeof chunk === "string" ? chunk : Buffer.from(chunk).toString());
        return true;
      });
    }
    engine = await startEngine();
    gate = await startDatabaseGate(engine.endpoint);
    functions = await makeFunctions(engine, { endpoint: gate.endpoint });
    const ann = await talk("pass");
    for (const fault of ["throttle", "fail", "reject", "cut", "lose"] as const) await talk(fault, ann);
    await leaveSettledBehind();
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
  });
  afterAll(async () => {
    await gate?.close();
    await engine?.stop();
  });

  /** Every kind of request, good and bad. */
  async function talk(fault: DatabaseFault, known?: Person): Promise<Person> {
    const api = eventsApi(functions);
    gate.harm(() => "pass");
    const ann = known ?? (await newPerson(api));
    gate.harm(() => fault);
    const claim = claimOf(ann);
    const { username, id } = ann;
    secrets.set(`token (${fault})`, ann.token).set(`receipt (${fault})`, ann.receipt);
    const message = { ...claim, sendToId: id, content: CONTENT };
    const calls = [
      json("/register", { username: `${username}-${fault}`, password: PASSWORD }),
      json("/register", { username, password: PASSWORD }),
      json("/login", { username, password: PASSWORD }),
      form("/login", { username, password: WRONG_PASSWORD }),
      json("/login", { username: [PASSWORD], password: { PASSWORD } }),
      json("/send", message),
      form("/send", { ...message, messageId: messageIdAt(0) }),
      form("/send", { ...message, messageId: "0195f3a0-0000-7000-8000-000000000000" }),
      json("/send", { ...message, messageId: CONTENT }),
      json("/send", { ...message, content: CONTENT.repeat(400) }),
      json("/send", { ...message, id: "another" }),
      json("/send", { ...message, token: `${ann.token}x` }),
      post("/send", JSON_TYPE, JSON.stringify(message).slice(0, -1)),
      post("/send", "text/plain", JSON.stringify(message)),
      json("/sync", { ...claim, ack: ann.receipt }),
      json("/sync", claim),
      json("/logout", { ...claim, id: PASSWORD }),
      json("/password", { ...claim, password: WRONG_PASSWORD, newPassword: NEW_PASSWORD }),
      json("/password", { ...claim, password: PASSWORD, newPassword: NEW_PASSWORD }),
      json("/password", { ...claim, password: NEW_PASSWORD, newPassword: PASSWORD }),
      json("/account/delete", { ...claim, password: WRONG_PASSWORD }),
      bearer(ann.token, { method: "GET", path: "/sessions" }),
      bearer(ann.token, { method: "DELETE", path: `/sessions/${encodeURIComponent(PASSWORD)}` }),
      ...(known ? [json("/logout", claim)] : []),
    ];
    for (const call of calls) await api(call);
    return ann;
  }

  /** A sync whose deletes fail. */
  async function leaveSettledBehind(): Promise<void> {
    const api = eventsApi(functions);
    gate.harm(() => "pass");
    const ann = await newPerson(api);
    gate.harm(({ operation }) => (operation === "BatchWriteItem" ? "throttle" : "pass"));
    await api(json("/send", { ...claimOf(ann), sendToId: ann.id, content: CONTENT }));
    await api(json("/sync", claimOf(ann)));
  }

  it("tell of the faults, in one line of JSON each", () => {
    const lines = printed
      .trim()
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as { code?: string; message: string; requestId?: string; _aws?: object })
      .filter(({ _aws }) => _aws === undefined);
    for (const { requestId } of lines) expect(requestId).toMatch(/^JKJaXmPL\d+=$/);
    const told = new Set(lines.map(({ code, message }) => code ?? message));
    expect([...told].sort()).toEqual(["internal_error", "settled messages are left to a later sync", "unavailable"]);
  });

  it("hold no password, token, key or content, in any writing", () => {
    secrets
      .set("password", PASSWORD)
      .set("wrong password", WRONG_PASSWORD)
      .set("new password", NEW_PASSWORD)
      .set("content", CONTENT)
      .set("start of the content", CONTENT.slice(0, 22))
      .set("key", functions.tokenKey.toString("base64url"))
      .set("key in base64", functions.tokenKey.toString("base64"))
      .set("key in hexadecimal", functions.tokenKey.toString("hex"))
      .set("hash", "$argon2id$");
    expect(
      leaksIn(
        printed,
        [...secrets].map(([kind, text]) => ({ kind, text })),
      ),
    ).toEqual([]);
  });
});
