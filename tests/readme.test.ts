import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import { configurationTable, presentTable } from "../.ci/configuration.ts";
import { Client, type Message } from "../lib/client/index.ts";
import { PROBLEMS } from "../lib/contract/problems.ts";
import { METRICS } from "../lib/runtime/metrics.ts";
import { declaredAlarms, declaredRoutes } from "./support/declared.ts";
import { temporaryFolder } from "./support/folders.ts";
import { type SharedStack, sharedStack } from "./support/shared/index.ts";
import { quoted } from "./support/shell.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const README = readFileSync(join(ROOT, "README.md"), "utf8");
const DOCS = join(ROOT, "docs");
const documents = new Map(
  readdirSync(DOCS)
    .filter((name) => name.endsWith(".md"))
    .map((name) => [name, readFileSync(join(DOCS, name), "utf8")]),
);

/** The code of a section's fenced blocks in one language, one after the other. */
function codeIn(heading: string, language: string): string {
  const section = README.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? "";
  const blocks = [...section.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, "gm"))];
  expect(blocks.length, `${language} in "${heading}"`).toBeGreaterThan(0);
  return blocks.map(([, code]) => code).join("\n");
}

/** The cells of a document's table whose header begins like this, row by row. */
function rowsOf(document: string, header: string): string[][] {
  const [, table = ""] = (documents.get(document) ?? "").split(`\n| ${header} |`);
  const [, , ...lines] = table.slice(0, table.indexOf("\n\n")).split("\n");
  expect(lines.length, header).toBeGreaterThan(0);
  return lines.map((line) => line.split("|").slice(1, -1));
}

/** A heading's anchor, as GitHub makes it. */
const slugOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\w\- ]/g, "")
    .replaceAll(" ", "-");

/** What stands in a cell as code. */
const codeOf = (cell = ""): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, code = ""]) => code);

const firstsOf = (document: string, header: string): string[] =>
  rowsOf(document, header).flatMap(([first]) => codeOf(first));

describe("the tables of the documentation", () => {
  it("have every route of serverless.yml, and no other", () => {
    expect(firstsOf("api.md", "route").sort()).toEqual(declaredRoutes().sort());
  });

  it("have every problem of lib/contract/problems.ts with its status, and no other", () => {
    const rows = rowsOf("api.md", "status | `code`").flatMap(([status, codes]) =>
      codeOf(codes).map((code) => `${status?.trim()} ${code}`),
    );
    expect(rows.sort()).toEqual(
      Object.entries(PROBLEMS)
        .map(([code, { status }]) => `${status} ${code}`)
        .sort(),
    );
  });

  it("have every alarm of deploy/alarms.yml, and no other", () => {
    expect(firstsOf("operating.md", "alarm `gotalk-<stage>-…`").sort()).toEqual(declaredAlarms().sort());
  });

  it("have every metric of lib/runtime/metrics.ts, and no other", () => {
    expect(firstsOf("operating.md", "metric").sort()).toEqual(Object.keys(METRICS).sort());
  });

  it("have what can be set as the code has it (node .ci/configuration.ts writes it)", () => {
    const table = configurationTable();
    expect(table).toContain("| `SEND_BURST` | `1000` |");
    expect(presentTable()).toBe(table);
  });
});

describe("the documentation", () => {
  const all = [...documents].map(([name, text]): [string, string] => [`docs/${name}`, text]);
  const linked = [
    ...all,
    ...["README.md", "CONTRIBUTING.md", "SECURITY.md"].map((name): [string, string] => [
      name,
      readFileSync(join(ROOT, name), "utf8"),
    ]),
  ];

  it.each(linked)("%s has no link that leads nowhere", (name, text) => {
    for (const [, target = ""] of text.matchAll(/\]\((?!https?:)([^)\s]+)\)/g)) {
      const [path = "", anchor] = target.split("#");
      const file = path === "" ? join(ROOT, name) : join(ROOT, dirname(name), path);
      expect(existsSync(file), `${name} → ${target}`).toBe(true);
      if (anchor === undefined) continue;
      const headings = [...readFileSync(file, "utf8").matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
        slugOf(heading),
      );
      expect(headings, `${name} → ${target}`).toContain(anchor);
    }
  });

  it.each(all)("%s is linked from the front page", (name) => {
    expect(README).toContain(`](${name})`);
  });

  it("has a front page of at most 180 lines, whose samples the documents repeat as they are", () => {
    expect(README.split("\n").length).toBeLessThanOrEqual(180);
    expect(documents.get("client.md")).toContain(codeIn("In TypeScript", "ts"));
    expect(documents.get("cli.md")).toContain(codeIn("In a terminal", "sh"));
  });
});

describe("the README", () => {
  let stack: SharedStack;

  beforeAll(async () => {
    stack = await sharedStack();
  });

  it("has a conversation in curl that works when it is pasted", async () => {
    const pasted = codeIn("A conversation", "sh").replace("http://localhost:9000", stack.url);
    const { stdout } = await promisify(execFile)("bash", ["-c", pasted]);
    const answers = stdout.split(/(?<=\})(?=\{)|\n/).filter(Boolean);
    const [alice, bob, found, sent, received, sentAgain, first, again, settled] = answers.map((text) =>
      JSON.parse(text),
    );
    expect([alice.username, bob.username]).toEqual(["alice", "bob"]);
    expect(found).toEqual(bob);
    expect([sent.status, sentAgain.status]).toEqual(["received", "received"]);
    expect(received.messages).toMatchObject([{ senderName: "alice", content: "Hello, Bob! 👋" }]);
    expect(first.messages).toMatchObject([{ content: "Again", redelivered: false }]);
    expect(again).toEqual({ ...first, messages: [{ ...first.messages[0], redelivered: true }] });
    expect(settled.messages).toEqual([]);
    expect(answers).toHaveLength(9);
  });

  it("has a bot that answers one person and a group, and takes an answer back", async () => {
    const clone = temporaryFolder();
    for (const name of ["lib", "node_modules", "package.json"]) symlinkSync(join(ROOT, name), join(clone, name));
    const program = codeIn("In TypeScript", "ts").replace("http://localhost:9000", stack.url);
    writeFileSync(join(clone, "bob.ts"), program);
    // The oldest Node that will do for a clone does not take TypeScript.
    const system = temporaryFolder();
    writeFileSync(join(system, "node"), `#!/bin/sh\nexec ${quoted(process.execPath)} --no-strip-types "$@"\n`);
    chmodSync(join(system, "node"), 0o755);

    const alice = new Client({ url: stack.url, live: false });
    await alice.login({ username: "alice", password: "correct-horse" });
    const { id: bobId } = await alice.find("bob");
    const { groupId } = await alice.createGroup({ name: "Climbing", members: [bobId] });
    const alone = await alice.send({ to: bobId, content: "!time" });
    const inGroup = await alice.send({ to: groupId, type: "text", content: "!time" });
    await alice.send({ to: groupId, type: "text", content: "What time is it?" });
    const bob = spawn("sh", ["-c", codeIn("In TypeScript", "sh")], {
      cwd: clone,
      env: { ...process.env, PATH: `${system}${delimiter}${process.env["PATH"]}` },
      detached: true,
      stdio: ["ignore", "inherit", "inherit"],
    });
    const end = new AbortController();
    const ended = once(bob, "close").then(() => end.abort());
    const said: Message[] = [];
    try {
      for await (const message of alice.receive({ quiet: true, signal: end.signal })) {
        said.push(message);
        // His answer in the group.
        if (message.toId === groupId && message.type === "text") {
          await alice.send({ to: groupId, type: "reaction", about: message.messageId, content: "❌" });
        }
        if (message.type === "deletion") break;
      }
    } finally {
      if (bob.exitCode === null) process.kill(-Number(bob.pid), "SIGKILL");
      await ended;
    }
    const [hello, toAlice, toAll, takenBack, ...rest] = said;
    expect(hello).toMatchObject({ senderName: "bob", content: "Hello, Alice!" });
    const time = expect.stringMatching(/^\w{3} \w{3} \d\d \d{4} \d\d:\d\d:\d\d GMT/);
    expect(toAlice).toMatchObject({ senderName: "bob", about: alone.messageId, content: time });
    expect(toAlice?.toId).toBeUndefined();
    expect(toAll).toMatchObject({ senderName: "bob", about: inGroup.messageId, content: time, toId: groupId });
    expect(takenBack).toMatchObject({ senderName: "bob", about: toAll?.messageId, toId: groupId });
    expect(rest).toEqual([]);
  });
});
