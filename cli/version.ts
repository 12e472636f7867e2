import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The package's version. */
export const { version } = JSON.parse(
  readFileSync(fileURLToPath(import.meta.resolve("gotalk/package.json")), "utf8"),
) as { readonly version: string };
