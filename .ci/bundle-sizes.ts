import { bundle } from "../tests/support/bundles.ts";

/** A larger bundle starts colder. */
const LIMIT_BYTES = 500_000;

for (const name of ["send", "sync", "accounts", "live", "files", "push", "fallback"]) {
  const { bytes } = await bundle(name);
  console.log(`${name}: ${bytes} bytes minified, of ${LIMIT_BYTES} allowed`);
  if (bytes > LIMIT_BYTES) process.exitCode = 1;
}
