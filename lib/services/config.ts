import type { RegistrationMode } from "../accounts/registration.ts";
import { sealedBytes } from "../contract/files.ts";
import { LIMITS } from "../contract/limits.ts";
import type { FileStoreSettings } from "../files/file-store.ts";
import type { SchedulePlace } from "../push/schedules.ts";
import type { FileRate } from "../rates/file-limit.ts";
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
  FILE_BYTES: { otherwise: LIMITS.files.bytes, does: "bytes of a file, before it is encrypted" },
  FILES_PER_DAY: { otherwise: LIMITS.files.ofDay, does: "files that a user may upload on one day, in UTC" },
  FILE_BYTES_PER_DAY: {
    otherwise: LIMITS.files.bytesOfDay,
    does: "their bytes together, encrypted: at least as many as the largest file has",
  },
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
  /** The largest file, in bytes before it is encrypted. */
  readonly fileBytes: number;
  /** What a user may upload on a day, see `file-limit.ts`. */
  readonly fileRate: FileRate;
  /** Where files are. Only the function `files` has to know it. */
  readonly fileStore: FileStoreSettings | undefined;
  /** Without a value, by invitation: an operator must say that registration is open to all. */
  readonly registration: RegistrationMode;
  /** Where WebSocket connections are managed. Without it nobody is woken, and clients poll. */
  readonly liveEndpoint: string | undefined;
  /** Where clients open WebSockets, if it is not at `/live` beside the API: a login tells them. */
  readonly liveUrl: string | undefined;
  /** Where the function `push` is invoked. Without it nobody is told by push. */
  readonly pushUrl: string | undefined;
  /** Where pushes are put off. Without it one that fails is not tried again. */
  readonly schedules: SchedulePlace | undefined;
  /** Only in a local stack: push services on this machine are called, too. */
  readonly pushLoopback: boolean;
  /** Where the page is served, as `host` or `host:port` in lower case: browsers may call the API for its pages alone. */
  readonly ownHosts: readonly string[];
  /** The secret that CloudFront sends with each request. Without it nothing is in front of the API. */
  readonly originSecret: string | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

export function readConfig(environment: Environment): Config {
  const required = (name: string): string => {
    const value = environment[name];
    if (!value) throw new Error(`the environment variable ${name} is missing`);
    return value;
  };
  const count: Count = (name) => {
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
    ...fileBounds(count),
    fileStore: fileStoreIn(environment),
    registration: registrationMode(environment["REGISTRATION"] || SETTINGS.REGISTRATION.otherwise),
    liveEndpoint: environment["LIVE_ENDPOINT"] || undefined,
    liveUrl: environment["LIVE_URL"] || undefined,
    pushUrl: environment["PUSH_URL"] || undefined,
    schedules: schedulesIn(environment),
    pushLoopback: environment["PUSH_LOOPBACK"] === "true",
    ownHosts: (environment["OWN_HOSTS"] ?? "").toLowerCase().split(" ").filter(Boolean),
    originSecret: environment["ORIGIN_SECRET"] || undefined,
  };
}

/** Reads a setting that is a number. */
type Count = (name: Exclude<keyof typeof SETTINGS, "REGISTRATION">) => number;

function fileBounds(count: Count): Pick<Config, "fileBytes" | "fileRate"> {
  const fileBytes = count("FILE_BYTES");
  const fileRate = { files: count("FILES_PER_DAY"), bytes: count("FILE_BYTES_PER_DAY") };
  if (sealedBytes(fileBytes) > fileRate.bytes) {
    throw new Error(`FILE_BYTES_PER_DAY must be at least ${sealedBytes(fileBytes)}: as much as one file of FILE_BYTES`);
  }
  return { fileBytes, fileRate };
}

/** On AWS the function's role speaks for the store. The local store has credentials of its own, which it made. */
function fileStoreIn(environment: Environment): FileStoreSettings | undefined {
  const { FILES_URL: url, AWS_REGION: region = "us-east-1" } = environment;
  if (!url) return undefined;
  const { FILES_ACCESS_KEY_ID, FILES_SECRET_ACCESS_KEY } = environment;
  const own = FILES_ACCESS_KEY_ID && FILES_SECRET_ACCESS_KEY;
  const credentials = own
    ? { accessKeyId: FILES_ACCESS_KEY_ID, secretAccessKey: FILES_SECRET_ACCESS_KEY }
    : {
        accessKeyId: environment["AWS_ACCESS_KEY_ID"] ?? "",
        secretAccessKey: environment["AWS_SECRET_ACCESS_KEY"] ?? "",
        sessionToken: environment["AWS_SESSION_TOKEN"],
      };
  return { url, region, credentials };
}

function schedulesIn({
  SCHEDULES_URL: url,
  SCHEDULES_GROUP: group,
  SCHEDULES_ROLE: role,
}: Readonly<Record<string, string | undefined>>): SchedulePlace | undefined {
  return url && group && role ? { url, group, role } : undefined;
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
