import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Metafile } from "esbuild";
import * as accountKeys from "../../lib/database/account-keys.ts";
import { type Bundle, bundle } from "../support/bundles.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/**
 * A permission: an action on a resource, which is a table's logical id or what the test calls it; of the table `accounts`
 * on one kind of partition, `dynamodb:GetItem on AccountsTable of user#*`.
 */
export type Need = `${string} on ${string}`;

/** Where a command of the SDK is in a bundle: its service and its name. */
const COMMAND_FILE = /@aws-sdk\/client-([\w-]+)\/dist-es\/commands\/(\w+)Command\.js$/;

/** Where the SDK asks for its own endpoints. It does so for services that need it, and DynamoDB does not. */
const OF_THE_SDK = "dynamodb:DescribeEndpoints";

/** What presigned requests of the store of files may do: they contain no command of the SDK. */
const PRESIGNED: Readonly<Record<string, Need>> = {
  PUT: "s3:PutObject on ${FilesBucket.Arn}/*",
  GET: "s3:GetObject on ${FilesBucket.Arn}/*",
};

/** What modules need that ask AWS without a command of the SDK. */
const BY_HAND: Readonly<Record<string, readonly Need[]>> = {
  "lib/live/post.ts": ["execute-api:ManageConnections on POST"],
  "lib/live/close.ts": ["execute-api:ManageConnections on DELETE"],
  "lib/push/dispatch.ts": ["lambda:InvokeFunction on PushLambdaFunction"],
  "lib/push/schedules.ts": ["scheduler:CreateSchedule on PushScheduleGroup", "iam:PassRole on PushScheduleRole"],
};

/** How a class is given a table: `new Users(accountsTable, ...)`. */
const GIVEN_A_TABLE = /new (\w+)\(\s*(?:database,\s*)?(accounts|channels)Table\b/g;
const TABLES: Readonly<Record<string, string>> = { accounts: "AccountsTable", channels: "ChannelsTable" };

/** What makes keys of the table `accounts`, and where a module says that it uses it. */
const KEYS: Readonly<Record<string, unknown>> = { ...accountKeys };
const IMPORTED_KEYS = /import \{([^}]*)\} from "[./]*\/(?:database\/)?account-keys\.ts"/;

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
  const needs = new Set<Need>([...modules.keys()].flatMap((path) => BY_HAND[path] ?? []));
  const explained = new Set<string>();
  for (const [path, table] of tables) {
    const used = usedBy(path, modules, tables);
    for (const command of used.flatMap(({ text }) => commandsOf(text))) {
      for (const need of narrowed(`dynamodb:${command} on ${table}`, used)) needs.add(need);
      explained.add(`dynamodb:${command}`);
    }
  }
  for (const command of commandsIn({ metafile })) {
    if (command !== OF_THE_SDK && !explained.has(command)) {
      throw new Error(`${functionName} contains ${command}, and no module that is given a table uses it`);
    }
  }
  for (const need of presignedIn(modules)) needs.add(need);
  return needs;
}

/** @throws {Error} A request is presigned by a method of which nobody knows what it needs. */
function presignedIn(modules: ReadonlyMap<string, Module>): Need[] {
  const text = [...modules.values()].map((module) => module.text).join("\n");
  return [...text.matchAll(/#presign\("(\w+)"/g)].map(([, method = ""]) => {
    const need = PRESIGNED[method];
    if (need === undefined) throw new Error(`nobody knows what a presigned ${method} needs`);
    return need;
  });
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

/** A module, and those that it imports and that have no table of their own. */
function usedBy(
  path: string,
  modules: ReadonlyMap<string, Module>,
  tables: ReadonlyMap<string, string>,
  seen = new Set<string>(),
): Module[] {
  const module = modules.get(path);
  if (module === undefined || seen.has(path)) return [];
  seen.add(path);
  const others = module.imports.filter((imported) => !tables.has(imported));
  return [module, ...others.flatMap((imported) => usedBy(imported, modules, tables, seen))];
}

const commandsOf = (text: string): string[] =>
  [...text.matchAll(/new (\w+)Command\(/g)].map(([, command = ""]) => command);

/** Of the table `accounts` the partitions that the modules make keys of, of another table all of it. */
function narrowed(need: Need, used: readonly Module[]): Need[] {
  if (!need.endsWith(" on AccountsTable")) return [need];
  const imported = used.flatMap(({ text }) => IMPORTED_KEYS.exec(text)?.[1]?.match(/\w+/g) ?? []);
  const partitions = imported.flatMap((name) => partitionOf(KEYS[name]));
  return partitions.length === 0 ? [need] : partitions.map((partition): Need => `${need} of ${partition}`);
}

/** The partition of whatever key a function makes, as IAM writes it: the one that it makes of `*`. Some make no key. */
function partitionOf(make: unknown): string[] {
  if (typeof make !== "function") return [];
  const made: string | Partial<accountKeys.Key> = make("*", "*");
  const partition = typeof made === "string" ? made : made.owner;
  return partition === undefined ? [] : [partition];
}

/** The SDK's commands in the bundle: `dynamodb:GetItem`. */
function commandsIn({ metafile }: Pick<Bundle, "metafile">): string[] {
  const [output] = Object.values(metafile.outputs);
  return Object.entries(output?.inputs ?? {}).flatMap(([path, { bytesInOutput }]) => {
    const [, service, command] = COMMAND_FILE.exec(path) ?? [];
    return service !== undefined && bytesInOutput > 0 ? [`${service}:${command}`] : [];
  });
}
