import { randomBytes } from "node:crypto";
import type { RegistrationMode } from "../../lib/accounts/registration.ts";
import { writeRing } from "../../lib/tokens/key-ring.ts";
import type { TestEngine } from "./engines.ts";
import type { Functions } from "./events.ts";
import { RETIRED } from "./forgeries.ts";
import { plant } from "./suite-output.ts";

/**
 * A send counts the receiver's channel by chance, once in a thousand messages of the default bound: that is two calls and a
 * write that a test does not expect. The larger the bound, the smaller the chance: with this one it is 10^-15.
 */
const NEVER_COUNTED = String(Number.MAX_SAFE_INTEGER);

/**
 * Bounds within which a machine with nothing else to do answers, made wide: what a test counts and expects would be another
 * thing once a call was given up. In milliseconds. `real` are the ones of `lib/contract/limits.ts`, for tests of these bounds.
 */
const PATIENT = {
  requestTime: 60_000,
  sweepTime: 10_000,
  database: { connectTime: 10_000, attemptTime: 10_000 },
  /** A test in which somebody hangs takes so long. */
  live: { wakeTime: 3_000, firstWakeTime: 3_000, hangUpTime: 3_000 },
};

/** The functions as Lambda loads them, on a test engine. */
export interface LoadedFunctions extends Functions {
  readonly tokenKey: Buffer;
}

/**
 * Loads the functions, once in a process: they read the environment when they load.
 *
 * @param endpoint Where their database is, if not at the engine itself.
 * @param registration Who may register.
 * @param bounds How long they wait for what they need.
 */
export async function loadFunctions(
  engine: TestEngine,
  endpoint = engine.endpoint,
  registration: RegistrationMode = "open",
  bounds: "patient" | "real" = "patient",
): Promise<LoadedFunctions> {
  const tokenKey = randomBytes(32);
  for (const encoding of ["base64url", "base64", "hex"] as const) plant("key", tokenKey.toString(encoding));
  Object.assign(process.env, {
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    AWS_ENDPOINT_URL_DYNAMODB: endpoint,
    CHANNELS_TABLE: engine.tables.channels,
    ACCOUNTS_TABLE: engine.tables.accounts,
    POWERTOOLS_METRICS_NAMESPACE: "goTalk",
    POWERTOOLS_SERVICE_NAME: "gotalk-test",
    TOKEN_KEY: writeRing([RETIRED, { bytes: tokenKey, from: 0 }]),
    REGISTRATION: registration,
    CHANNEL_MESSAGES: NEVER_COUNTED,
  });
  if (bounds === "patient") await widen();
  const [send, sync, accounts, fallback] = await Promise.all([
    import("../../functions/send.ts"),
    import("../../functions/sync.ts"),
    import("../../functions/accounts.ts"),
    import("../../functions/fallback.ts"),
  ]);
  return {
    send: send.handler,
    sync: sync.handler,
    accounts: accounts.handler,
    fallback: fallback.handler,
    tokenKey,
  };
}

/** To be done before the functions load: some of them read their bounds then. */
async function widen(): Promise<void> {
  const { LIMITS } = await import("../../lib/contract/limits.ts");
  const { database, live, ...others } = PATIENT;
  Object.assign(LIMITS, others);
  Object.assign(LIMITS.database, database);
  Object.assign(LIMITS.live, live);
}
