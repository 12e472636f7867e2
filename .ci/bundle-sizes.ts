import { BUNDLE_BYTES, bundle, FUNCTIONS } from "../tests/support/bundles.ts";

for (const name of FUNCTIONS) {
  const { bytes } = await bundle(name);
  console.log(`${name}: ${bytes} bytes minified, of ${BUNDLE_BYTES} allowed`);
  if (bytes > BUNDLE_BYTES) process.exitCode = 1;
}
