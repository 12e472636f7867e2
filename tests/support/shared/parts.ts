import { copyFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";
import { chromium } from "playwright-core";
import { UNBOUNDED, UNBOUNDED_ADDRESS } from "../bounds.ts";
import { launchOptions } from "../page/browser.ts";
import { type Credentials, type Seed, seedingOf } from "../seeding.ts";
import { startStack } from "../stack.ts";
import type { SharedStack } from "./index.ts";

/*
 * A process beside the workers of a test run. It makes what many test files use alike, once, when the first of them asks.
 * Each part is a path of its HTTP server, and is answered with what a test needs to know of it, as JSON. It ends with the
 * process that started it.
 */

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const ending: (() => Promise<unknown>)[] = [];

/** What the stacks have printed so far, by their ports. */
const outputs = new Map<string, () => string>();

async function stackWith(env: NodeJS.ProcessEnv): Promise<SharedStack> {
  const { url, port, data, stop, output } = await startStack({ env });
  ending.push(stop);
  outputs.set(`printed/${port}`, output);
  return { url, port, data };
}

/** All people of the tests share one address, and thousands of them log in at the same time. */
const stack = (): Promise<SharedStack> => stackWith(UNBOUNDED_ADDRESS);

const unbounded = (): Promise<SharedStack> => stackWith(UNBOUNDED);

/** For users of the shared stack, by its own engine. */
const seeding = async (): Promise<Seed> => seedingOf(((await make("stack")) as SharedStack).data);

const seedUser = async (credentials: Credentials): Promise<string> => ((await make("seeding")) as Seed)(credentials);

async function browser() {
  const server = await chromium.launchServer(await launchOptions());
  ending.push(() => server.close());
  return server.wsEndpoint();
}

/**
 * The terminal client in few files, which start in two thirds of the time that its modules take. `cli/package.long.test.ts` starts
 * it as the package has it.
 */
async function terminal() {
  const folder = join(ROOT, "node_modules/.cache/gotalk-terminal");
  const outdir = join(folder, "dist/cli");
  buildSync({
    entryPoints: [join(ROOT, "cli/main.ts")],
    outdir,
    bundle: true,
    // What is loaded only when it is needed stays so.
    splitting: true,
    // What is loaded of a CommonJS module has no names in such a bundle.
    external: ["undici"],
    platform: "node",
    format: "esm",
    target: "node24",
    // What is no ECMAScript module asks for Node's own modules that way.
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
    logLevel: "error",
  });
  copyFileSync(join(ROOT, "package.json"), join(folder, "package.json"));
  return join(outdir, "main.js");
}

const parts: Readonly<Record<string, () => Promise<unknown>>> = { stack, unbounded, seeding, browser, terminal };
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
  if (name === "user") return seedUser((await json(request)) as Credentials);
  return outputs.get(name)?.() ?? make(name);
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
