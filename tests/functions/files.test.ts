import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { sealedBytes } from "../../lib/contract/files.ts";
import { type Api, bearer, json } from "../support/api.ts";
import { type DatabaseGate, startDatabaseGate } from "../support/database-gate.ts";
import { engines, type TestEngine } from "../support/engines.ts";
import { eventsApi } from "../support/events.ts";
import { makeFunctions } from "../support/functions.ts";
import { claimOf, newPerson, type Person } from "../support/logins.ts";
import { expectProblem } from "../support/problems.ts";

const SHA256 = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
const LARGEST = 1_000;
const SETTINGS = { FILES_PER_DAY: "3", FILE_BYTES: String(LARGEST), FILE_BYTES_PER_DAY: "2500" };
const HOUR = 3_600_000;

describe.each(engines)("the files of a day on $name", ({ start }) => {
  let engine: TestEngine;
  let gate: DatabaseGate;
  let operations: string[] = [];
  let api: Api;
  /** Another deployment's, whose token key is another. */
  let foreign: Api;
  let ann: Person;

  beforeAll(async () => {
    engine = await start();
    gate = await startDatabaseGate(engine.endpoint);
    gate.harm(({ operation }) => {
      operations.push(operation);
      return "pass";
    });
    vi.useFakeTimers({ toFake: ["Date"], now: Date.parse("2026-03-12T19:00:00.000Z") });
    const options = { endpoint: gate.endpoint, settings: SETTINGS };
    [api, foreign] = [eventsApi(await makeFunctions(engine, options)), eventsApi(await makeFunctions(engine, options))];
  });
  afterAll(async () => {
    vi.useRealTimers();
    await gate?.close();
    await engine?.stop();
  });
  beforeEach(async () => {
    vi.setSystemTime(Date.parse("2026-03-12T19:00:00.000Z"));
    ann = await newPerson(api);
    operations = [];
  });

  const upload = (bytes = 1, who = ann, by = api) => by(bearer(who.token, json("/files", { bytes, sha256: SHA256 })));

  it("cost an upload a read and a write, and a download a read", async () => {
    expect((await upload()).status).toBe(201);
    expect(operations).toEqual(["GetItem", "UpdateItem"]);
    operations = [];
    expect((await api(bearer(ann.token, { method: "GET", path: `/files/${"A".repeat(22)}` }))).status).toBe(200);
    expect(operations).toEqual(["GetItem"]);
  });

  it("end with the last that is allowed, say until when, and begin again at midnight UTC", async () => {
    for (let file = 0; file < 3; file++) expect((await upload()).status).toBe(201);
    const refused = await upload();
    expectProblem(refused, 429, "too_many_files");
    expect(refused.headers["retry-after"]).toBe(String(5 * 3_600));
    expect(refused.body["detail"]).toContain("3 files and 2500 bytes a day");
    vi.setSystemTime(Date.now() + 5 * HOUR - 1);
    expect((await upload()).headers["retry-after"]).toBe("1");
    vi.setSystemTime(Date.now() + 1);
    expect((await upload()).status).toBe(201);
  });

  it("have so many bytes together, to the byte, and what is refused does not count", async () => {
    expect((await upload(1_000)).status).toBe(201);
    expect((await upload(1_000)).status).toBe(201);
    expectProblem(await upload(501), 429, "too_many_files");
    expect((await upload(500)).status).toBe(201);
    expectProblem(await upload(1), 429, "too_many_files");
  });

  it("are each user's own", async () => {
    for (let file = 0; file < 3; file++) await upload();
    expect((await upload(1, await newPerson(api))).status).toBe(201);
  });

  it("are not more where many are asked for at the same time", async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => upload()));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 201, 201, 429, 429, 429, 429, 429]);
  });

  it("count neither what is too large nor what an ended session asks for", async () => {
    expectProblem(await upload(sealedBytes(LARGEST) + 1), 413, "file_too_large", ["maxBytes"]);
    const gone = await newPerson(api);
    await api(json("/logout", claimOf(gone)));
    operations = [];
    expectProblem(await upload(1, gone), 401, "invalid_token");
    expectProblem(await upload(1, ann, foreign), 401, "invalid_token");
    expect(operations).not.toContain("UpdateItem");
    for (let file = 0; file < 3; file++) expect((await upload(LARGEST / 2)).status).toBe(201);
  });
});
