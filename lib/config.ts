import { type KeyRing, readRing } from "./key-ring.ts";
import { LIMITS } from "./limits.ts";
import type { RegistrationMode } from "./registration.ts";
import type { SendRate } from "./send-limit.ts";

/** What an operator may set, with its default and what it does: the README's table of them is made from this. */
export const SETTINGS = {
  REGISTRATION: {
    otherwise: "invite",
    does: "who may register: `open` to all, with an `invite`, or `closed`. `npm start` sets `open` unless it is set",
  },
  SEND_BURST: { otherwise: LIMITS.send.burst, does: "messages that a user may send at once" },
  SEND_PER_SECOND: { otherwise: LIMITS.send.perSecond, does: "messages that a user may send a second after that" },
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
  readonly sendRate: SendRate;
  /** Messages that may wait on one channel. */
  readonly channelMessages: number;
  /** Who may register. Without a value, whoever has an invitation: what is open to all must be said. */
  readonly registration: RegistrationMode;
  /** Where WebSocket connections are managed. Without it nobody is woken, and clients poll. */
  readonly liveEndpoint: string | undefined;
  /** Where the page is served, as `host` or `host:port` in lower case: browsers may call the API for its pages alone. */
  readonly ownHosts: readonly string[];
  /** What CloudFront proves itself by. Without it nothing is in front of the API. */
  readonly originSecret: string | undefined;
}

export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const required = (name: string): string => {
    const value = environment[name];
    if (!value) throw new Error(`the environment variable ${name} is missing`);
    return value;
  };
  const count = (name: "SEND_BURST" | "SEND_PER_SECOND" | "CHANNEL_MESSAGES"): number => {
    const value = Number(environment[name] || SETTINGS[name].otherwise);
    if (!(Number.isSafeInteger(value) && value > 0)) throw new Error(`${name} must be a whole number above 0`);
    return value;
  };
  return {
    channelsTable: required("CHANNELS_TABLE"),
    accountsTable: required("ACCOUNTS_TABLE"),
    tokenKeys: environment["TOKEN_KEY"] ? decodeTokenKeys(environment["TOKEN_KEY"]) : undefined,
    sendRate: {
      burst: count("SEND_BURST"),
      perSecond: count("SEND_PER_SECOND"),
    },
    channelMessages: count("CHANNEL_MESSAGES"),
    registration: registrationMode(environment["REGISTRATION"] || SETTINGS.REGISTRATION.otherwise),
    liveEndpoint: environment["LIVE_ENDPOINT"] || undefined,
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
