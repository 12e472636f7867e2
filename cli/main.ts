#!/usr/bin/env node
import { EXIT } from "./exit-codes.ts";
import { exitCodeOf, explain } from "./failures.ts";
import { flush, printError } from "./output.ts";
import { programOf } from "./program.ts";
import { Interrupted } from "./signals.ts";
import { checkArguments } from "./utf8.ts";

// The code of a process that ends before its command is done. Not set before: commander would end `gotalk help` with it.
process.once("exit", () => {
  process.exitCode ??= EXIT.failure;
});

// Each write reports its own failure.
process.stdout.on("error", () => undefined);
process.stderr.on("error", () => undefined);

// An empty variable counts as none.
if (process.env["GOTALK_URL"] === "") delete process.env["GOTALK_URL"];

try {
  checkArguments();
  await programOf().parseAsync();
  process.exitCode = 0;
} catch (error) {
  if (error instanceof Interrupted) process.kill(process.pid, "SIGINT");
  const told = explain(error);
  if (told !== undefined) printError(told);
  process.exitCode = exitCodeOf(error);
}

// An open stdin, or a WebSocket whose server is out of reach, would keep the process alive.
await flush();
process.exit();
