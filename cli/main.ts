#!/usr/bin/env node
import { EXIT } from "./exit-codes.ts";
import { exitCodeOf, explain } from "./failures.ts";
import { complain, flush } from "./output.ts";
import { programOf } from "./program.ts";
import { checkArguments } from "./utf8.ts";

// Until it is known to be done: a prompt that is left by Ctrl-D ends the process in the middle of its work.
process.exitCode = EXIT.failure;

// Each write is told of its own failure.
process.stdout.on("error", () => undefined);
process.stderr.on("error", () => undefined);

try {
  checkArguments();
  await programOf().parseAsync();
  process.exitCode = 0;
} catch (error) {
  const told = explain(error);
  if (told !== undefined) complain(told);
  process.exitCode = exitCodeOf(error);
}

// What else is open would keep the process alive: a stdin that nobody ends, a WebSocket whose server is out of reach.
await flush();
process.exit();
