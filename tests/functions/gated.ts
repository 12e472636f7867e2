import { afterAll, beforeAll, beforeEach } from "vitest";
import type { Api } from "../support/api.ts";
import { type DatabaseGate, startDatabaseGate } from "../support/database-gate.ts";
import { startEngine, type TestEngine } from "../support/engines.ts";
import { eventsApi } from "../support/events.ts";
import { eventually } from "../support/eventually.ts";
import { makeFunctions } from "../support/functions.ts";
import { newPerson, type Person } from "../support/logins.ts";

/** The functions, and between them and their database a gate. */
export interface Gated {
  engine: TestEngine;
  gate: DatabaseGate;
  api: Api;
  /** Somebody who is logged in. */
  ann: Person;
}

/** A new person behind real bounds: on a busy machine one of its calls may be answered 503, and somebody else comes. */
export const somebody = (api: Api): Promise<Person> => eventually(() => newPerson(api));

/**
 * For each test of a `describe` the functions anew, with their real bounds, behind a gate that harms nothing yet. To be
 * read within a test.
 */
export function gatedFunctions(): Gated {
  const gated = {} as Gated;
  beforeAll(async () => {
    gated.engine = await startEngine();
    gated.gate = await startDatabaseGate(gated.engine.endpoint);
  });
  beforeEach(async () => {
    gated.gate.harm(() => "pass");
    // Anew, as the SDK stops retrying for a while when it had to retry a lot.
    gated.api = eventsApi(await makeFunctions(gated.engine, { endpoint: gated.gate.endpoint, bounds: "real" }));
    gated.ann = await somebody(gated.api);
  });
  afterAll(async () => {
    await gated.gate?.close();
    await gated.engine?.stop();
  });
  return gated;
}
