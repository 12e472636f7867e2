import type { Tables } from "../stack/tables.ts";

/** Credentials for engines on this machine, which take any. */
const ANY_CREDENTIALS = { AWS_ACCESS_KEY_ID: "local", AWS_SECRET_ACCESS_KEY: "local" };

/** Powertools' own: log lines that a person can read, and no line of metrics for each request. */
const READABLE_OUTPUT = { POWERTOOLS_DEV: "true" };

/**
 * The functions' environment as `serverless.yml` declares it, with what CloudFormation would put in: the tables' names
 * where it refers to them, and the token key, which lies beside the data here. Registration is
 * open on a local stack, unless the variable `REGISTRATION` says otherwise.
 */
export function functionEnvironment(
  declared: Record<string, unknown>,
  tables: Tables,
  tokenKey: string,
): Record<string, unknown> {
  const resolved = Object.fromEntries(
    Object.entries(declared).map(([name, value]) => [name, isReference(value) ? tables[value.Ref]?.TableName : value]),
  );
  dropDeployed(resolved);
  const REGISTRATION = process.env["REGISTRATION"] || "open";
  return { ...resolved, ...READABLE_OUTPUT, TOKEN_KEY: tokenKey, REGISTRATION };
}

/** Takes out of an environment what only CloudFormation can put in: there is nothing of it here. */
export function dropDeployed(environment: Record<string, unknown> = {}): void {
  for (const [name, value] of Object.entries(environment)) if (typeof value === "object") delete environment[name];
}

function isReference(value: unknown): value is { Ref: string } {
  return typeof value === "object" && value !== null && "Ref" in value;
}

/** What else the SDK would take credentials from. A profile goes before the keys. */
const OTHER_CREDENTIALS = ["AWS_PROFILE", "AWS_SESSION_TOKEN"];

/**
 * Gives the SDK, here and in the functions (they inherit every `AWS_` variable), the region and credentials that it
 * insists on. The embedded engine needs none of the person's own: an expired login to AWS, or a profile that does not
 * exist, must not keep a local stack from working. Another engine on this machine gets them only where there are none.
 *
 * @param endpoint Of the engine that the person has named; without one it is the embedded one.
 */
export function completeSdkSettings(region: string, endpoint?: string): void {
  process.env["AWS_REGION"] ||= region;
  const hasOwn = process.env["AWS_ACCESS_KEY_ID"] !== undefined || process.env["AWS_PROFILE"] !== undefined;
  const isEmbedded = !endpoint;
  if (!isEmbedded && (hasOwn || endpoint.includes(".amazonaws.com"))) return;
  for (const name of OTHER_CREDENTIALS) delete process.env[name];
  Object.assign(process.env, ANY_CREDENTIALS);
}
