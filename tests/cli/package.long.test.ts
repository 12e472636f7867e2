import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import { temporaryFolder } from "../support/folders.ts";
import { newUsername, PASSWORD } from "../support/logins.ts";
import { type SharedStack, sharedStack } from "../support/shared/index.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const MODULES = join(ROOT, "node_modules");
const run = promisify(execFile);

interface Manifest {
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

const manifestIn = (folder: string): Manifest => JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));

/** The packages that one needs, and what these need, each with the folder in which it is installed for it. */
function closureOf(names: readonly string[], from = ROOT, found = new Map<string, string>()): Map<string, string> {
  for (const name of names.filter((each) => !found.has(each))) {
    // Its own, where it needs another version than the others do.
    const own = join(from, "node_modules", name);
    const folder = existsSync(own) ? own : join(MODULES, name);
    found.set(name, folder);
    closureOf(Object.keys(manifestIn(folder).dependencies ?? {}), folder, found);
  }
  return found;
}

/** At the beginning, or when it is needed. */
const IMPORTS = /^(?:import|export) (?:.* from )?"([^".][^"]*)"|\bimport\("([^".][^"]*)"\)/gm;

/** The packages that modules import. */
function importsOf(folder: string): string[] {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".js"));
  const specifiers = files.flatMap((file) =>
    [...readFileSync(join(folder, file), "utf8").matchAll(IMPORTS)].map(([, name = "", late = name]) => late),
  );
  const packages = specifiers
    .filter((name) => !isBuiltin(name))
    .map((name) => /^(@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? name);
  return [...new Set(packages)].sort();
}

describe("the package", () => {
  const project = temporaryFolder();
  const installed = join(project, "node_modules/gotalk");
  let stack: SharedStack;
  let files: string[];

  beforeAll(async () => {
    stack = await sharedStack();
    const { stdout } = await run("npm", ["pack", "--json", "--pack-destination", project], { cwd: ROOT });
    const [packed] = JSON.parse(stdout.slice(stdout.indexOf("[\n")));
    files = packed.files.map(({ path }: { path: string }) => path);
    // What it needs is installed from here, so that no registry is asked.
    const needed = [...closureOf(Object.keys(manifestIn(ROOT).dependencies ?? {}))];
    const dependencies = Object.fromEntries(needed.map(([name, folder]) => [name, `file:${folder}`]));
    const manifest = {
      type: "module",
      dependencies: { ...dependencies, gotalk: `file:${join(project, packed.filename)}` },
    };
    writeFileSync(join(project, "package.json"), JSON.stringify(manifest));
    await run("npm", ["install", "--offline", "--install-links", "--ignore-scripts", "--no-audit", "--no-fund"], {
      cwd: project,
    });
  });

  it("holds the compiled client and the terminal client with their types, and nothing else", () => {
    const others = files.filter((file) => !/^dist\/(cli|lib\/client)\/[\w/-]+\.(js|d\.ts)$/.test(file));
    expect(others.sort()).toEqual([
      "LICENSE",
      "README.md",
      "dist/lib/contract/devices.d.ts",
      "dist/lib/contract/devices.js",
      "dist/lib/contract/files.d.ts",
      "dist/lib/contract/files.js",
      "dist/lib/contract/groups.d.ts",
      "dist/lib/contract/groups.js",
      "dist/lib/contract/json.d.ts",
      "dist/lib/contract/json.js",
      "dist/lib/contract/limits.d.ts",
      "dist/lib/contract/limits.js",
      "dist/lib/contract/problems.d.ts",
      "dist/lib/contract/problems.js",
      "dist/lib/contract/uuid-time.d.ts",
      "dist/lib/contract/uuid-time.js",
      "dist/lib/contract/visible.d.ts",
      "dist/lib/contract/visible.js",
      "package.json",
    ]);
  });

  it("brings the packages that it imports, and no other", () => {
    expect(Object.keys(manifestIn(installed).dependencies ?? {})).toEqual(importsOf(join(installed, "dist")));
    expect(existsSync(join(project, "node_modules/@aws-sdk"))).toBe(false);
  });

  it("has types that hold", async () => {
    writeFileSync(
      join(project, "consumer.ts"),
      `import { Client, conversationOf, groupEventIn, type Message, ProblemError } from "gotalk";
       const client = new Client({ url: "https://talk.example.com" });
       export const first = async (): Promise<Message | undefined> => {
         for await (const message of client.receive({ follow: false })) return message;
         return undefined;
       };
       // @ts-expect-error A URL is a string.
       new Client({ url: 9000 });
       export const codeOf = (error: unknown): string | undefined => (error instanceof ProblemError ? error.code : undefined);
       // The type of a message tells what else it has.
       export function told(message: Message): string {
         // @ts-expect-error A text need not be about another message.
         const early: string = message.about;
         switch (message.type) {
           case undefined:
           case "text":
             return message.about === undefined ? message.content : early;
           case "edit":
           case "deletion":
           case "reaction": {
             const about: string = message.about;
             return about;
           }
           case "group":
             return groupEventIn(message).event;
           case "file":
           case "delivered":
           case "read":
           case "own":
             return message.type;
           default: {
             // One that this version does not know: all others are told apart.
             const type: string = message.type;
             // @ts-expect-error It is none of the others.
             const known: "file" = message.type;
             return type + known + conversationOf(message, "me");
           }
         }
       }
       export const say = (to: string) => client.send({ to, type: "reaction", about: "m", content: "👍", quiet: true });
       // @ts-expect-error There is no such event for sure.
       export const wrong: "joined" = groupEventIn({ content: "{}" }).event;`,
    );
    // The bot of the front page, as it is.
    const [, bot = ""] = /```ts\n([\s\S]*?)```/.exec(readFileSync(join(installed, "README.md"), "utf8")) ?? [];
    expect(bot).toContain("message.about");
    writeFileSync(join(project, "bot.ts"), bot.replace("./lib/client/index.ts", "gotalk"));
    const options = {
      strict: true,
      module: "nodenext",
      target: "es2022",
      lib: ["es2022", "dom"],
      types: [],
      noEmit: true,
    };
    writeFileSync(
      join(project, "tsconfig.json"),
      JSON.stringify({ compilerOptions: options, files: ["consumer.ts", "bot.ts"] }),
    );
    await run(process.execPath, [join(MODULES, "typescript/bin/tsc")], { cwd: project });
  });

  it("has a command that talks, and a client", async () => {
    const env = { ...process.env, XDG_CONFIG_HOME: temporaryFolder(), GOTALK_URL: stack.url };
    const gotalk = (args: string, input = "") =>
      run("bash", ["-c", `printf '%s\\n' "$INPUT" | node_modules/.bin/gotalk ${args}`], {
        cwd: project,
        env: { ...env, INPUT: input },
      });
    const name = newUsername();
    expect((await gotalk("--version")).stdout).toBe(`${manifestIn(ROOT).version}\n`);
    await gotalk(`register ${name}`, PASSWORD);
    // The program and the command are one device: what one sends to itself, the other gets.
    await gotalk(`login --shared ${name}`, PASSWORD);
    writeFileSync(
      join(project, "send.js"),
      `import { Client } from "gotalk";
       const client = new Client({ url: process.env.GOTALK_URL });
       const { id } = await client.login({ username: ${JSON.stringify(name)}, password: ${JSON.stringify(PASSWORD)} });
       await client.send({ to: id, content: "from a program" });`,
    );
    await run(process.execPath, ["send.js"], { cwd: project, env });
    await gotalk(`send ${name}`, "from a pipe");
    const { stdout } = await gotalk("receive --no-wait --json");
    const contents = stdout
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line).content);
    expect(contents).toEqual(["from a program", "from a pipe"]);
  });
});
