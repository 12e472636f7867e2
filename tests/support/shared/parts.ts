import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { Users } from "../../../lib/accounts/users.ts";
import { declaredTables } from "../../../stack/tables.ts";
import { UNBOUNDED_ADDRESS } from "../bounds.ts";
import { launchOptions } from "../page/browser.ts";
import { startStack } from "../stack.ts";
import { databaseOf } from "../stack-engine.ts";
import { weakPasswords } from "../weak-passwords.ts";
import type { Credentials, SharedStack } from "./index.ts";

/*
 * A process beside the workers of a test run. It makes what many test files use alike, once, when the first of them asks.
 * Each part is a path of its HTTP server, and is answered with what a test needs to know of it, as JSON. It ends with the
 * process that started it.
 */

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const ending: (() => Promise<unknown>)[] = [];

/** All people of the tests share one address, and thousands of them log in at the same time. */
async function stack(): Promise<SharedStack> {
  const { url, port, data, stop } = await startStack({ env: UNBOUNDED_ADDRESS });
  ending.push(stop);
  return { url, port, data };
}

/** The users of the shared stack, by its own engine. */
async function storedUsers(): Promise<Users> {
  const { data } = (await make("stack")) as SharedStack;
  const database = databaseOf(data);
  const { AccountsTable } = declaredTables();
  if (AccountsTable === undefined) throw new Error("serverless.yml lacks a table");
  return new Users({ database, name: AccountsTable.TableName }, Date.now);
}

/** As a registration does it, but for the hash. */
async function seedUser({ username, password }: Credentials): Promise<string> {
  const users = (await make("storedUsers")) as Users;
  const { id } = await users.create(username, await weakPasswords.hash(password));
  return id;
}

async function browser() {
  const server = await chromium.launchServer(await launchOptions());
  ending.push(() => server.close());
  return server.wsEndpoint();
}

/** The terminal client as the package has it: compiled, it starts in a third of the time. */
async function terminal() {
  const folder = join(ROOT, "node_modules/.cache/gotalk-package");
  const compiler = join(ROOT, "node_modules/typescript/bin/tsc");
  const args = [compiler, "--project", "cli", "--noCheck", "--declaration", "false", "--outDir", join(folder, "dist")];
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ["ignore", "ignore", "inherit"] });
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error("The terminal client does not compile.");
  copyFileSync(join(ROOT, "package.json"), join(folder, "package.json"));
  return join(folder, "dist/cli/main.js");
}

const parts: Readonly<Record<string, () => Promise<unknown>>> = { stack, storedUsers, browser, terminal };
const made = new Map<string, Promise<unknown>>();

function make(name: string): Promise<unknown> {
  const known = made.get(name);
  if (known !== undefined) return known;
  const part = parts[name]?.() ?? Promise.reject(new Error(`There is no part ${name}.`));
  made.set(name, part);
  return part;
}

async function answer(request: IncomingMessage): Promise<unknown> {
  const name = String(request.url).slice(1);
  return name === "user" ? seedUser((await json(request)) as Credentials) : make(name);
}

const server = createServer((request, response) => {
  answer(request).then(
    (part) => response.end(JSON.stringify(part)),
    (error: unknown) => response.writeHead(500).end(String(error)),
  );
});
server.listen(0, "127.0.0.1", () => process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));

process.once("message", async () => {
  await Promise.allSettled(ending.map((end) => end()));
  process.exit();
});
