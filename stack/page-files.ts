import { readdirSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { lookup } from "mrmime";
import { PAGE } from "./page-build.ts";

/** A file of the built page, and how it is served, here and on AWS. */
export interface PageFile {
  /** Where it lies. */
  readonly file: string;
  /** Its path in URLs, with a slash before it. */
  readonly path: string;
  readonly type: string;
  readonly cacheControl: string;
}

const UNKNOWN = "application/octet-stream";

/** The names of assets change with their content. All else is asked for again, and answered 304. */
const isHashed = (path: string): boolean => path.startsWith("/assets/");

/** The files of the page, which must have been built. */
export function pageFiles(): PageFile[] {
  return readdirSync(PAGE, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const file = join(entry.parentPath, entry.name);
      const path = `/${relative(PAGE, file).replaceAll(sep, "/")}`;
      return {
        file,
        path,
        type: lookup(path) ?? UNKNOWN,
        cacheControl: isHashed(path) ? "public, max-age=31536000, immutable" : "no-cache",
      };
    });
}
