import { readFileSync, writeFileSync } from "node:fs";
import { openApi } from "./document.ts";

/** Writes the checked-in document, which the page's build copies beside the page. */

const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));

writeFileSync(
  new URL("../../static/public/openapi.json", import.meta.url),
  `${JSON.stringify(openApi(version), undefined, 2)}\n`,
);
