import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type BuildOptions, build, type Metafile } from "esbuild";
import { parse } from "yaml";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

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
  const { custom } = parse(readFileSync(`${ROOT}serverless.yml`, "utf8"));
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
