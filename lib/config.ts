/**
 * The environment that every function needs, read once when it loads; a missing value fails the start with its name.
 * What else the AWS SDK reads (`AWS_REGION`, `AWS_ENDPOINT_URL_DYNAMODB`, credentials) is the SDK's own.
 */
export interface Config {
  readonly channelsTable: string;
  readonly accountsTable: string;
  /** 256 bits, for A256GCM. */
  readonly tokenKey: Uint8Array;
}

const TOKEN_KEY_BYTES = 32;

export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const required = (name: string): string => {
    const value = environment[name];
    if (!value) throw new Error(`the environment variable ${name} is missing`);
    return value;
  };
  const tokenKey = Buffer.from(required("TOKEN_KEY"), "base64url");
  if (tokenKey.length !== TOKEN_KEY_BYTES) throw new Error("TOKEN_KEY must be 32 bytes in base64url");
  return { channelsTable: required("CHANNELS_TABLE"), accountsTable: required("ACCOUNTS_TABLE"), tokenKey };
}
