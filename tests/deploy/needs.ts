import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Metafile } from "esbuild";
import { type Bundle, bundle } from "../bench/bundles.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** A permission: an action on a resource, which is a table's logical id or what the test calls it. */
export type Need = `${string} on ${string}`;

/** Where a command of the SDK is in a bundle: its service and its name. */
const COMMAND_FILE = /@aws-sdk\/client-([\w-]+)\/dist-es\/commands\/(\w+)Command\.js$/;

/** Where the SDK asks for its own endpoints. It does so for services that need it, and DynamoDB does not. */
const OF_THE_SDK = "dynamodb:DescribeEndpoints";

/** What the commands of other services than DynamoDB need. */
const OTHERS: Readonly<Record<string, Need>> = {
  "apigatewaymanagementapi:PostToConnection": "execute-api:ManageConnections on POST",
  "apigatewaymanagementapi:DeleteConnection": "execute-api:ManageConnections on DELETE",
  "lambda:Invoke": "lambda:InvokeFunction on live",
};

/** How a class is given a table: `new Users(database, accountsTable, ...)`. */
const GIVEN_A_TABLE = /new (\w+)\(\s*database,\s*(accounts|channels)Table\b/g;
const TABLES: Readonly<Record<string, string>> = { accounts: "AccountsTable", channels: "ChannelsTable" };

/**
 * What a function needs, by what its bundle really contains: the SDK's commands, and the modules of goTalk that use them.
 * A module uses commands on the table that its class is given, and those that it imports do so for it.
 *
 * @throws {Error} A command is in the bundle and nobody knows for which table.
 */
export async function needsOf(functionName: string): Promise<Set<Need>> {
  const { metafile } = await bundle(functionName);
  const modules = modulesIn(metafile);
  const tables = tablesOf(modules);
  const needs = new Set<Need>();
  const explained = new Set<string>();
  for (const [path, table] of tables) {
    for (const command of commandsFrom(path, modules, tables)) {
      needs.add(`dynamodb:${command} on ${table}`);
      explained.add(`dynamodb:${command}`);
    }
  }
  for (const command of commandsIn({ metafile })) {
    const other = OTHERS[command];
    if (other) needs.add(other);
    else if (command !== OF_THE_SDK && !explained.has(command)) {
      throw new Error(`${functionName} contains ${command}, and no module that is given a table uses it`);
    }
  }
  return needs;
}

interface Module {
  readonly text: string;
  readonly imports: readonly string[];
}

/** goTalk's own modules of which something is in the bundle. */
function modulesIn({ outputs, inputs }: Metafile): Map<string, Module> {
  const [output] = Object.values(outputs);
  const present = Object.entries(output?.inputs ?? {}).filter(
    ([path, { bytesInOutput }]) => bytesInOutput > 0 && /^(functions|lib)\//.test(path),
  );
  return new Map(
    present.map(([path]) => [
      path,
      { text: readFileSync(ROOT + path, "utf8"), imports: inputs[path]?.imports.map((entry) => entry.path) ?? [] },
    ]),
  );
}

/** The modules whose classes are given a table, and which. */
function tablesOf(modules: ReadonlyMap<string, Module>): Map<string, string> {
  const tables = new Map<string, string>();
  for (const { text } of modules.values()) {
    for (const [, name = "", table = ""] of text.matchAll(GIVEN_A_TABLE)) {
      for (const [path, module] of modules) {
        if (module.text.includes(`export class ${name} `)) tables.set(path, TABLES[table] ?? "");
      }
    }
  }
  return tables;
}

/** The commands that a module makes, itself or by those that it imports and that have no table of their own. */
function commandsFrom(
  path: string,
  modules: ReadonlyMap<string, Module>,
  tables: ReadonlyMap<string, string>,
  seen = new Set<string>(),
): string[] {
  const module = modules.get(path);
  if (module === undefined || seen.has(path)) return [];
  seen.add(path);
  const own = [...module.text.matchAll(/new (\w+)Command\(/g)].map(([, command = ""]) => command);
  const others = module.imports.filter((imported) => !tables.has(imported));
  return [...own, ...others.flatMap((imported) => commandsFrom(imported, modules, tables, seen))];
}

/** The SDK's commands in the bundle: `dynamodb:GetItem`. */
function commandsIn({ metafile }: Pick<Bundle, "metafile">): string[] {
  const [output] = Object.values(metafile.outputs);
  return Object.entries(output?.inputs ?? {}).flatMap(([path, { bytesInOutput }]) => {
    const [, service, command] = COMMAND_FILE.exec(path) ?? [];
    return service !== undefined && bytesInOutput > 0 ? [`${service}:${command}`] : [];
  });
}
