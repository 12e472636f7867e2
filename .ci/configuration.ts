import { readFileSync, writeFileSync } from "node:fs";
import { parse } from "yaml";
import { SETTINGS } from "../lib/services/config.ts";

/*
 *   node .ci/configuration.ts     writes the table in docs/deploying.md of what can be set
 *
 * Names and defaults come from the code that reads them: lib/services/config.ts, deploy/parameters.yml and serverless.yml.
 */

const DOCUMENT = new URL("../docs/deploying.md", import.meta.url);
const TABLE = /(?<=<!-- made by \.ci\/configuration\.ts -->\n).*?(?=<!-- until here -->)/s;

/** What the framework and the SDK read has no place of ours that could describe it. */
const READ_ELSEWHERE: Readonly<Record<string, string>> = {
  PORT: "the port of `npm start`",
  GOTALK_DATA: "the data folder of `npm start`",
  GOTALK_HOSTS: "further host names that `npm start` is reached by, with commas between them",
  AWS_REGION: "the region, where `--region` does not name one",
};

interface Parameter {
  readonly Description: string;
  readonly Default: string;
}

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), "utf8");

/** The names in `${env:NAME, 'default'}`, with their defaults. */
const references = (text: string): [string, string][] =>
  [...text.matchAll(/env:([A-Z_]+), '([^']*)'/g)].map(([, name = "", otherwise = ""]) => [name, otherwise]);

function rows(): [name: string, otherwise: string, does: string][] {
  const { Parameters } = parse(read("deploy/parameters.yml")) as { Parameters: Record<string, Parameter> };
  const ofFunctions = Object.entries(SETTINGS).map(
    ([name, { otherwise, does }]) => [name, String(otherwise), does] as [string, string, string],
  );
  const ofStack = Object.values(Parameters).flatMap(({ Description, Default }) =>
    references(Default).map(([name, otherwise]): [string, string, string] => [name, otherwise, Description]),
  );
  const described = new Set([...ofFunctions, ...ofStack].map(([name]) => name));
  const others = references(read("serverless.yml"))
    .filter(([name]) => !described.has(name))
    .map(([name, otherwise]): [string, string, string] => {
      const does = READ_ELSEWHERE[name];
      if (does === undefined) throw new Error(`serverless.yml reads ${name}, and nothing says what it does`);
      return [name, otherwise, does];
    });
  return [...ofFunctions, ...ofStack, ...others];
}

/** The table as it has to be in the document. */
export function configurationTable(): string {
  const lines = rows().map(([name, otherwise, does]) => {
    const value = /^$|\bnone\b/.test(otherwise) ? "" : `\`${otherwise}\``;
    return `| \`${name}\` | ${value} | ${does.charAt(0).toLowerCase()}${does.slice(1).replace(/\.$/, "")} |`;
  });
  return ["| variable | default | what it does |", "| --- | --- | --- |", ...lines, ""].join("\n");
}

/** The table that is there. */
export const presentTable = (): string => TABLE.exec(readFileSync(DOCUMENT, "utf8"))?.[0] ?? "";

if (import.meta.main) {
  writeFileSync(DOCUMENT, readFileSync(DOCUMENT, "utf8").replace(TABLE, configurationTable()));
}
