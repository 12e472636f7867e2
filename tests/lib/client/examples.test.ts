import { execFile } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import * as library from "../../../lib/client/index.ts";
import { temporaryFolder } from "../../support/folders.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const FOLDER = join(ROOT, "lib/client");

const run = promisify(execFile);

const EXAMPLE = /@example[^\n]*\n\s*\* ```ts\n([\s\S]*?)\s*\* ```/g;

/** The code of each `@example` in a source text. */
const examplesIn = (source: string): string[] =>
  [...source.matchAll(EXAMPLE)].map(([, code = ""]) => code.replaceAll(/^\s*\* ?/gm, ""));

const sources = readdirSync(FOLDER).map((name) => readFileSync(join(FOLDER, name), "utf8"));
const examples = sources.flatMap(examplesIn);

/** The comment before each method of this name, in these sources. */
const commentsOn = (method: string, within = sources): string[] =>
  within
    .flatMap((source) => [
      ...source.matchAll(new RegExp(`/\\*\\*((?:(?!\\*/)[\\s\\S])*)\\*/\\n  (?:async )?${method}\\(`, "g")),
    ])
    .map(([, comment = ""]) => comment);

/** The comment on a method of a class. */
const commentIn = (name: string, method: string): string =>
  commentsOn(
    method,
    sources.filter((source) => new RegExp(`export class ${name}\\s`).test(source)),
  ).join();

/** The codes of the problems that a comment says a method throws. */
const codesIn = (comment: string): string[] =>
  [...comment.matchAll(/@throws ([^@]*)/g)]
    .flatMap(([, thrown = ""]) => [...thrown.matchAll(/`([a-z]+(?:_[a-z]+)+|blocked)`/g)])
    .flatMap(([, code = ""]) => code)
    .toSorted();

/** What every example may use: the library, and a client that is logged in. */
const preamble = `import { ${Object.keys(library)}, type InboxState } from ${JSON.stringify(join(FOLDER, "index.ts"))};
declare const client: Client;
export type Used = InboxState;
`;

/** Checks programs by the compiler. @returns what it says of them */
async function compile(programs: readonly string[]): Promise<string> {
  const folder = temporaryFolder();
  const options = {
    extends: join(ROOT, "tsconfig.json"),
    compilerOptions: { noEmit: true, noUnusedLocals: false, typeRoots: [join(ROOT, "node_modules/@types")] },
    include: ["*.ts"],
  };
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(options));
  for (const [index, program] of programs.entries()) {
    writeFileSync(join(folder, `example-${index}.ts`), `${preamble}{\n${program}\n}\n`);
  }
  try {
    await run(process.execPath, [join(ROOT, "node_modules/typescript/bin/tsc"), "-p", folder]);
    return "";
  } catch (error) {
    return String((error as { stdout?: string }).stdout);
  }
}

describe("the examples in the client's documentation", () => {
  it("compile", async () => {
    expect(await compile(examples)).toBe("");
  });

  it("would not if they called what is not there", async () => {
    expect(await compile(["await client.sendAll();"])).toContain("Property 'sendAll' does not exist on type 'Client'");
  });

  it("are there for every method that users call", () => {
    const methods = Object.getOwnPropertyNames(library.Client.prototype).filter((name) => name !== "constructor");
    expect(methods.length).toBeGreaterThan(10);
    const documented = methods.filter((name) => commentsOn(name).some((comment) => examplesIn(comment).length > 0));
    expect(documented).toEqual(methods);
  });

  it("say of each method of the client what it throws, as the part does that it belongs to, and show the most used", () => {
    const methods = Object.getOwnPropertyNames(library.Client.prototype).filter((name) => name !== "constructor");
    for (const method of methods) {
      const own = commentIn("Client", method);
      const [, part = ""] = new RegExp(`@see {@link (\\w+)\\.${method}}`).exec(own) ?? [];
      const more = commentIn(part, method);
      expect([method, codesIn(own)]).toEqual([method, codesIn(more)]);
      expect([method, more]).not.toEqual([method, ""]);
    }
    for (const method of ["login", "find", "send", "receive", "createGroup"]) {
      expect([method, examplesIn(commentIn("Client", method)).length]).toEqual([method, 1]);
    }
  });
});
