import { afterAll, beforeAll, describe } from "vitest";
import type { Api } from "../support/api.ts";
import { contract } from "../support/contract/index.ts";
import { documented } from "../support/documented.ts";
import { startEngine, type TestEngine } from "../support/engines.ts";
import { eventsApi } from "../support/events.ts";
import { type MadeFunctions, makeFunctions } from "../support/functions.ts";

/** The contract by Lambda events: what API Gateway hands over, base64 included, and what the functions hand back. */
describe("the API's contract by events", () => {
  let engine: TestEngine;
  let functions: MadeFunctions;
  let api: Api;
  beforeAll(async () => {
    engine = await startEngine();
    // All of it comes from one address, with more forged tokens than one may show.
    functions = await makeFunctions(engine, { settings: { ADDRESS_BURST: "1000000" } });
    api = documented(eventsApi(functions));
  });
  afterAll(() => engine?.stop());

  contract(() => ({ api, tokenKey: functions.tokenKey, bearerCharacters: Number.POSITIVE_INFINITY }));
});
