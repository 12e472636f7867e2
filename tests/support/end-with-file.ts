import { afterAll } from "vitest";
import { endAll } from "./at-end.ts";

// The process of a test file is killed, and does not get to its own end. This one is the last of the file's hooks.
afterAll(endAll);
