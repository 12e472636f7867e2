import { afterAll } from "vitest";
import { endAll } from "./at-end.ts";
// Files that share a process run this before each of them. What it imports runs once in the process.
import "./no-vacuous-match.ts";
import "./watch-output.ts";

// The process of a test file is killed, and does not get to its own end. This one is the last of the file's hooks.
afterAll(endAll);
