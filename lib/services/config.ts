import type { RegistrationMode } from "../accounts/registration.ts";
import { LIMITS } from "../contract/limits.ts";
import type { Rate } from "../rates/rate.ts";
import type { UserRate } from "../rates/user-limit.ts";
import { type KeyRing, readRing } from "../tokens/key-ring.ts";

/** What an operator may set, with its default and what it does: the table in docs/deploying.md is made from this. */
export const SETTINGS = {
  REGISTRATION: {
    otherwise: "invite",
    does: "who may register: `open` to all, with an `invite`, or `closed`. `npm start` sets `open` unless it is set",
  },
  SEND_BURST: { otherwise: LIMITS.send.burst, does: "messages that a user may send at once" },
  SEND_PER_SECOND: { otherwise: LIMITS.send.perSecond, does: "messages that a user may send a second after that" },
  SYNC_BURST: { otherwise: LIMITS.sync.burst, does: "syncs that a user may make at once" },
  SYNC_PER_SECOND: { otherwise: LIMITS.sync.perSecond, does: "syncs that a user may make a second after that" },
  REPLAY_BURST: { otherwise: LIMITS.replay.burst, does: "batches that a user may be handed again at once" },
  REPLAY_PER_SECOND: {
    otherwise: LIMITS.replay.perSecond,
    does: "batches that a user may be handed again a second after that",
  },
  CALL_BURST: { otherwise: LIMITS.call.burst, does: "requests of all other routes that a user may make at once" },
  CALL_PER_SECOND: {
    otherwise: LIMITS.call.perSecond,
    does: "requests of all other routes that a user may make a second after that",
  },
  ADDRESS_BURST: {
    otherwise: LIMITS.address.burst,
    does: `requests without a valid token that one running function answers for one address at once; a login or a registration counts as ${LIMITS.address.hash}`,
  },
  ADDRESS_PER_SECOND: {
    otherwise: LIMITS.address.perSecond,
    does: "requests without a valid token that it answers for that address a second after that",
  },
  CHANNEL_MESSAGES: { otherwise: LIMITS.channel.messages, does: "messages that may wait on one channel" },
} as const;

/**
 * The environment that every function needs, read once when it loads; a missing value fails the start with its name.
 * What else the AWS SDK reads (`AWS_REGION`, `AWS_ENDPOINT_URL_DYNAMODB`, credentials) is the SDK's own.
 */
export interface Config {
  readonly channelsTable: string;
  readonly accountsTable: string;
  /** What tokens are encrypted with. Without a value, the keys are kept in the accounts table. */
  readonly tokenKeys: KeyRing | undefined;
  /** What a user may do, see `user-limit.ts`. */
  readonly rates: Readonly<Record<"send" | "sync" | "replay" | "call", UserRate>>;
  /** What an address may do, see `address-limit.ts`. */
  readonly addressRate: Rate;
  /** Messages that may wait on one channel. */
  readonly channelMessages: number;
  /** Without a value, by invitation: an operator must say that registration is open to all. */
  readonly registration: RegistrationMode;
  /** Where WebSocket connections are managed. Without it nobody is woken, and clients poll. */
  readonly liveEndpoint: string | undefined;
  /** Where clients open WebSockets, if it is not at `/live` beside the API: a login tells them. */
  readonly liveUrl: string | undefined;
  /** Where the page is served, as `host` or `host:port` in lower case: browsers may call the API for its pages alone. */
  readonly ownHosts: readonly string[];
  /** The secret that CloudFront sends with each request. Without it nothing is in front of the API. */
  readonly originSecret: string | undefined;
}

export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const required = (name: string): string => {
    const value = environment[name];
    if (!value) throw new Error(`the environment variable ${name} is missing`);
    return value;
  };
  const count = (name: Exclude<keyof typeof SETTINGS, "REGISTRATION">): number => {
    const value = Number(environment[name] || SETTINGS[name].otherwise);
    if (!(Number.isSafeInteger(value) && value > 0)) throw new Error(`${name} must be a whole number above 0`);
    return value;
  };
  const rate = (name: "SEND" | "SYNC" | "REPLAY" | "CALL" | "ADDRESS"): Rate => ({
    burst: count(`${name}_BURST`),
    perSecond: count(`${name}_PER_SECOND`),
  });
  return {
    channelsTable: required("CHANNELS_TABLE"),
    accountsTable: required("ACCOUNTS_TABLE"),
    tokenKeys: environment["TOKEN_KEY"] ? decodeTokenKeys(environment["TOKEN_KEY"]) : undefined,
    rates: {
      send: { bucket: "sending", lease: LIMITS.send.lease, ...rate("SEND") },
      sync: { bucket: "syncing", lease: LIMITS.sync.lease, ...rate("SYNC") },
      replay: { bucket: "replaying", lease: LIMITS.replay.lease, ...rate("REPLAY") },
      call: { bucket: "calling", lease: LIMITS.call.lease, ...rate("CALL") },
    },
    addressRate: rate("ADDRESS"),
    channelMessages: count("CHANNEL_MESSAGES"),
    registration: registrationMode(environment["REGISTRATION"] || SETTINGS.REGISTRATION.otherwise),
    liveEndpoint: environment["LIVE_ENDPOINT"] || undefined,
    liveUrl: environment["LIVE_URL"] || undefined,
    ownHosts: (environment["OWN_HOSTS"] ?? "").toLowerCase().split(" ").filter(Boolean),
    originSecret: environment["ORIGIN_SECRET"] || undefined,
  };
}

const REGISTRATION_MODES: readonly RegistrationMode[] = ["open", "invite", "closed"];

function registrationMode(value: string): RegistrationMode {
  const mode = REGISTRATION_MODES.find((one) => one === value);
  if (mode === undefined) throw new Error(`REGISTRATION must be one of ${REGISTRATION_MODES.join(", ")}`);
  return mode;
}

function decodeTokenKeys(text: string): KeyRing {
  const ring = readRing(text);
  if (ring === undefined) throw new Error("TOKEN_KEY must be 32 bytes in base64url");
  return ring;
}
