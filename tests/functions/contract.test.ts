import { afterAll, beforeAll, describe } from "vitest";
import { accountContract } from "../contract/account.ts";
import { accountsContract } from "../contract/accounts.ts";
import { doorsContract } from "../contract/doors.ts";
import { limitsContract } from "../contract/limits.ts";
import { messagesContract } from "../contract/messages.ts";
import { requestsContract } from "../contract/requests.ts";
import type { Api } from "../support/api.ts";
import { documented } from "../support/documented.ts";
import { engines, type TestEngine } from "../support/engines.ts";
import { eventsApi } from "../support/events.ts";
import { type LoadedFunctions, loadFunctions } from "../support/functions.ts";

/** The contract by Lambda events: what API Gateway hands over, base64 included, and what the functions hand back. */
describe("the API's contract by events", () => {
  let engine: TestEngine;
  let functions: LoadedFunctions;
  let api: Api;
  beforeAll(async () => {
    const [dynalite] = engines;
    if (dynalite === undefined) throw new Error("there is no engine");
    engine = await dynalite.start();
    functions = await loadFunctions(engine);
    api = documented(eventsApi(functions));
  });
  afterAll(() => engine?.stop());

  accountsContract(() => api);
  accountContract(() => api);
  messagesContract(() => api);
  limitsContract(() => api);
  requestsContract(() => api);
  doorsContract(() => ({ api, tokenKey: functions.tokenKey, bearerCharacters: Number.POSITIVE_INFINITY }));
});
