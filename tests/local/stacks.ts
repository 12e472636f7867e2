import { onTestFinished } from "vitest";
import { type Stack, type StackOptions, startStack } from "../support/stack.ts";

/** Starts a stack that does not outlive the test. */
export async function start(options?: StackOptions): Promise<Stack> {
  const stack = await startStack(options);
  onTestFinished(() => stack.kill());
  return stack;
}
