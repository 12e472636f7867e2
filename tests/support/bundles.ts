import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type BuildOptions, build, type Metafile } from "esbuild";
import { parse } from "yaml";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

const declared = () => parse(readFileSync(`${ROOT}serverless.yml`, "utf8"));

/** The names of all functions in `serverless.yml`. */
export const FUNCTIONS: readonly string[] = Object.keys(declared().functions);

/** What the bundle of a function may have: a larger one starts colder. */
export const BUNDLE_BYTES = 500_000;

/** A function as it is deployed. */
export interface Bundle {
  readonly bytes: number;
  readonly code: Uint8Array;
  readonly metafile: Metafile;
}

/** Builds one function. */
export const bundle = (name: string): Promise<Bundle> => buildModule(`functions/${name}.ts`);

/**
 * Builds a module with the options of `serverless.yml`.
 *
 * @param path Absolute, or from the root of the project.
 */
export async function buildModule(path: string): Promise<Bundle> {
  const { custom } = declared();
  const { outputFileExtension: _, exclude, watch: __, ...options } = custom.esbuild;
  const { outputFiles, metafile } = await build({
    ...(options as BuildOptions),
    external: exclude,
    absWorkingDir: ROOT,
    entryPoints: [path],
    metafile: true,
    write: false,
  });
  const file = outputFiles?.[0];
  if (file === undefined || metafile === undefined) throw new Error(`esbuild made nothing of ${path}`);
  return { bytes: file.contents.byteLength, code: file.contents, metafile };
}
