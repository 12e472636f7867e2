import { randomBytes } from "node:crypto";
import { ConfiguredRetryStrategy } from "@smithy/core/retry";
import type { Passwords } from "../../lib/accounts/passwords.ts";
import type { RegistrationMode } from "../../lib/accounts/registration.ts";
import { LIMITS } from "../../lib/contract/limits.ts";
import { signBy } from "../../lib/database/aws-calls.ts";
import { createDatabase } from "../../lib/database/database.ts";
import { makeAccounts } from "../../lib/handlers/accounts-handler.ts";
import { fallback } from "../../lib/handlers/fallback-handler.ts";
import { makeFiles } from "../../lib/handlers/files-handler.ts";
import { makeLive } from "../../lib/handlers/live-handler.ts";
import { makePush, type PushHandler } from "../../lib/handlers/push-handler.ts";
import { makeSend } from "../../lib/handlers/send-handler.ts";
import { makeSync } from "../../lib/handlers/sync-handler.ts";
import type { LiveHandler } from "../../lib/live/live-events.ts";
import { createGateway } from "../../lib/live/live-gateway.ts";
import { accountsServices } from "../../lib/services/accounts-services.ts";
import { readConfig } from "../../lib/services/config.ts";
import { filesServices } from "../../lib/services/files-services.ts";
import { type Foundation, startFoundation } from "../../lib/services/foundation.ts";
import { liveServices } from "../../lib/services/live-services.ts";
import { pushServices } from "../../lib/services/push-services.ts";
import { sendServices } from "../../lib/services/send-services.ts";
import { syncServices } from "../../lib/services/sync-services.ts";
import { writeRing } from "../../lib/tokens/key-ring.ts";
import type { TestEngine } from "./engines.ts";
import type { Functions } from "./events.ts";
import { RETIRED } from "./forgeries.ts";
import { plant } from "./suite-output.ts";
import { weakPasswords } from "./weak-passwords.ts";
import { widenLimits } from "./wide-limits.ts";

/**
 * A send counts the receiver's channel by chance, once in a thousand messages of the default bound: that is two calls and a
 * write that a test does not expect. The larger the bound, the smaller the chance: with this one it is 10^-15.
 */
const NEVER_COUNTED = String(Number.MAX_SAFE_INTEGER);

/** As many attempts as usual, and no time between them. */
const tryAgainAtOnce = () => new ConfiguredRetryStrategy(LIMITS.database.attempts, 0);

/** Where no AWS is. */
const PLACE = { region: "us-east-1", credentials: { accessKeyId: "test", secretAccessKey: "test" } };

/** The functions as Lambda starts them, in one process and on a test engine. */
export interface MadeFunctions extends Functions {
  readonly push: PushHandler;
  readonly tokenKey: Buffer;
  readonly foundation: Foundation;
  readonly services: {
    readonly send: ReturnType<typeof sendServices>;
    readonly sync: ReturnType<typeof syncServices>;
    readonly accounts: ReturnType<typeof accountsServices>;
    readonly files: ReturnType<typeof filesServices>;
    readonly push: ReturnType<typeof pushServices>;
  };
  /** Makes the function of the WebSocket API. It needs a `liveEndpoint`. */
  makeLive(): { readonly handler: LiveHandler; readonly services: ReturnType<typeof liveServices> };
}

interface Options {
  /** Where their database is, if not at the engine itself. */
  readonly endpoint?: string;
  /** Who may register. Default: everybody. */
  readonly registration?: RegistrationMode;
  /** How long they wait for what they need. */
  readonly bounds?: "patient" | "real";
  /** Whether their database client pauses between two attempts, as deployed. Default: with real bounds only. */
  readonly pauses?: boolean;
  /**
   * Their database client: the engine's own short one, if it has one and nothing lies between; or the SDK's, for tests of what
   * it does or records. Default: the short one, but with real bounds.
   */
  readonly client?: "short" | "sdk";
  /** Where WebSocket connections are managed, if anywhere. */
  readonly liveEndpoint?: string;
  /** What hashes passwords, if not at next to no cost. */
  readonly passwords?: Passwords;
  /** How push services are found and trusted. */
  readonly push?: Parameters<typeof pushServices>[1];
  /** Further settings, as in the environment. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** Makes the functions, each time anew, as a process of their own would have them. */
export async function makeFunctions(
  engine: TestEngine,
  {
    endpoint = engine.endpoint,
    registration = "open",
    bounds = "patient",
    pauses = bounds === "real",
    client = pauses ? "sdk" : "short",
    liveEndpoint,
    passwords = weakPasswords,
    push = {},
    settings = {},
  }: Options = {},
): Promise<MadeFunctions> {
  const tokenKey = randomBytes(32);
  for (const encoding of ["base64url", "base64", "hex"] as const) plant("key", tokenKey.toString(encoding));
  if (bounds === "patient") widenLimits();
  const config = readConfig({
    CHANNELS_TABLE: engine.tables.channels,
    ACCOUNTS_TABLE: engine.tables.accounts,
    TOKEN_KEY: writeRing([RETIRED, { bytes: tokenKey, from: 0 }]),
    REGISTRATION: registration,
    CHANNEL_MESSAGES: NEVER_COUNTED,
    FILES_URL: "https://files.example.com",
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    ...settings,
  });
  const connect = (count: Parameters<typeof createDatabase>[0]) => {
    if (client === "short" && engine.isClose && endpoint === engine.endpoint) return engine.client;
    const database = createDatabase(count, { ...PLACE, endpoint });
    if (!pauses) Object.assign(database.config, { retryStrategy: async () => tryAgainAtOnce() });
    return database;
  };
  const foundation = await startFoundation(config, { connect });
  const gateway = liveEndpoint === undefined ? undefined : createGateway(liveEndpoint, signBy(foundation.database));
  const services = {
    send: sendServices(foundation, gateway),
    sync: syncServices(foundation),
    accounts: accountsServices(foundation, gateway, passwords),
    files: filesServices(foundation),
    push: pushServices(foundation, push),
  };
  return {
    send: makeSend(services.send),
    sync: makeSync(services.sync),
    accounts: makeAccounts(services.accounts),
    files: makeFiles(services.files),
    push: makePush(services.push),
    fallback,
    tokenKey,
    foundation,
    services,
    makeLive: () => {
      const live = liveServices(foundation, gateway);
      return { handler: makeLive(live), services: live };
    },
  };
}
