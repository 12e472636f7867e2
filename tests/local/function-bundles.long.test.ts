import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { bundleFunctions } from "../../local/function-bundles.ts";
import { buildModule, bundle, FUNCTIONS } from "../support/bundles.ts";
import { temporaryFolder } from "../support/folders.ts";

const OPTIONS = parse(readFileSync(new URL("../../serverless.yml", import.meta.url), "utf8")).custom.esbuild;
const FALLBACK = "functions/fallback";

const bundlesIn = (place: string): string[] => readdirSync(place).toSorted();

test("what is kept is the bundle as it is deployed, and is made once for all starts", async () => {
  const place = temporaryFolder();
  const first = await bundleFunctions([FALLBACK], OPTIONS, [place]);
  const file = fileURLToPath(first.urlOf(FALLBACK));
  const { code } = await buildModule(`${FALLBACK}.ts`);
  expect(readFileSync(file)).toEqual(Buffer.from(code));

  const { mtimeMs } = statSync(place);
  const second = await bundleFunctions([FALLBACK], OPTIONS, [place]);
  expect(second.folder).toBe(first.folder);
  // What bundles makes a folder for its work there.
  expect(statSync(place).mtimeMs).toBe(mtimeMs);
});

test("other options make other bundles, and both are kept", async () => {
  const place = temporaryFolder();
  const first = await bundleFunctions([FALLBACK], OPTIONS, [place]);
  const second = await bundleFunctions([FALLBACK], { ...OPTIONS, minify: false }, [place]);
  expect(second.folder).not.toBe(first.folder);
  expect(bundlesIn(place)).toHaveLength(2);
});

test("the next place is used where the first one cannot be written", async () => {
  const place = temporaryFolder();
  const taken = join(place, "file");
  writeFileSync(taken, "");
  const { folder } = await bundleFunctions([FALLBACK], OPTIONS, [join(taken, "below"), join(place, "data")]);
  expect(folder.startsWith(join(place, "data"))).toBe(true);
  await expect(bundleFunctions([FALLBACK], OPTIONS, [join(taken, "below")])).rejects.toThrow(
    "The functions have to be bundled",
  );
});

test("what cannot be bundled is explained, and leaves nothing behind", async () => {
  const place = temporaryFolder();
  const wanted = bundleFunctions(["functions/no-such"], OPTIONS, [place]);
  await expect(wanted).rejects.toThrow("The functions cannot be bundled");
  expect(bundlesIn(place)).toEqual([]);
});

test("bundles are made of nothing but what makes them anew when it changes", async () => {
  for (const name of FUNCTIONS) {
    const { metafile } = await bundle(name);
    const others = Object.keys(metafile.inputs).filter((input) => !/^(functions|lib|node_modules)\//.test(input));
    expect(others, name).toEqual([]);
  }
});

test("a start that finds another's bundles when its own are ready takes those", async () => {
  const place = temporaryFolder();
  const both = await Promise.all([
    bundleFunctions([FALLBACK], OPTIONS, [place]),
    bundleFunctions([FALLBACK], OPTIONS, [place]),
  ]);
  expect(both[0].folder).toBe(both[1].folder);
  expect(bundlesIn(place)).toHaveLength(1);
  rmSync(place, { recursive: true });
});
