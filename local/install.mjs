// Installs what package-lock.json names and node_modules lacks, before a script runs, so that a fresh clone needs one
// command only. Plain JavaScript without dependencies: at this moment only the system's own Node may be there.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";

const LOCK = new URL("../package-lock.json", import.meta.url);
// npm writes here what it has installed.
const INSTALLED = new URL("../node_modules/.package-lock.json", import.meta.url);
// npm's install script of the package `node` puts it here; everything runs on it.
const NODE = new URL("../node_modules/node/bin/", import.meta.url);

function packagesIn(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")).packages : {};
}

function isComplete() {
  const installed = packagesIn(INSTALLED);
  const needed = Object.entries(packagesIn(LOCK)).filter(([path, { optional }]) => path !== "" && !optional);
  return existsSync(NODE) && needed.every(([path, { version }]) => installed[path]?.version === version);
}

if (!isComplete()) {
  console.error("Installing what is missing (npm ci) ...");
  const { status } = spawnSync("npm", ["ci", "--loglevel=error"], {
    cwd: new URL("..", import.meta.url),
    shell: process.platform === "win32",
    stdio: "inherit",
  });
  if (status !== 0) process.exit(status ?? 1);
  if (!existsSync(NODE)) {
    console.error(
      "npm runs no install scripts here (its setting ignore-scripts), and the Node that goTalk needs comes by one. Allow it once: npm ci --ignore-scripts=false",
    );
    process.exit(1);
  }
}
