import { describe, expect, it } from "vitest";
import { bundle, FUNCTIONS } from "../support/bundles.ts";

/** What the SDK imports only where the environment holds no credentials, which Lambda's always does. */
const CREDENTIAL_SOURCES = [
  "@aws-sdk/credential-provider-http",
  "@aws-sdk/credential-provider-ini",
  "@aws-sdk/credential-provider-process",
  "@aws-sdk/credential-provider-sso",
  "@aws-sdk/credential-provider-web-identity",
  "@smithy/credential-provider-imds",
];

describe.each(FUNCTIONS)("the bundle of %s", (name) => {
  it("loads by itself, and lacks nothing but the sources of credentials that Lambda has no use for", async () => {
    const { metafile } = await bundle(name);
    const foreign = Object.values(metafile.outputs)
      .flatMap(({ imports }) => imports)
      .filter(({ path }) => !path.startsWith("node:"));
    expect(foreign.filter(({ kind }) => kind !== "dynamic-import")).toEqual([]);
    const lacking = [...new Set(foreign.map(({ path }) => path))].toSorted();
    expect(lacking).toEqual(name === "fallback" ? [] : CREDENTIAL_SOURCES);
  });
});
