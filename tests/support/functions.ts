import { randomBytes } from "node:crypto";
import { writeRing } from "../../lib/key-ring.ts";
import type { RegistrationMode } from "../../lib/registration.ts";
import type { TestEngine } from "./engines.ts";
import type { Functions } from "./events.ts";
import { RETIRED } from "./forgeries.ts";
import { plant } from "./suite-output.ts";

/**
 * A send counts the receiver's channel by chance, once in a thousand messages of the default bound: that is two calls and a
 * write that a test does not expect. The larger the bound, the smaller the chance: with this one it is 10^-15.
 */
const NEVER_COUNTED = String(Number.MAX_SAFE_INTEGER);

/** The functions as Lambda loads them, on a test engine. */
export interface LoadedFunctions extends Functions {
  readonly tokenKey: Buffer;
}

/**
 * Loads the functions, once in a process: they read the environment when they load.
 *
 * @param endpoint Where their database is, if not at the engine itself.
 * @param registration Who may register.
 */
export async function loadFunctions(
  engine: TestEngine,
  endpoint = engine.endpoint,
  registration: RegistrationMode = "open",
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
