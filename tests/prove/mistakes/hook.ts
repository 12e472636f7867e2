import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { mistakes, withMistake } from "./mistakes.ts";

/*
 * `node --import` loads this before the program: it puts the mistake that MISTAKE names into the code, as that is loaded. No file
 * changes.
 */

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const name = process.env["MISTAKE"];
const mistake = mistakes.find((one) => one.name === name);
if (mistake === undefined) throw new Error(`there is no mistake "${name}"`);

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    const path = url.startsWith("file:") ? fileURLToPath(url) : ROOT;
    const file = relative(ROOT, path);
    if (!mistake.edits.some((edit) => edit.file === file)) return loaded;
    return { ...loaded, source: withMistake(mistake, file, readFileSync(path, "utf8")) };
  },
});
