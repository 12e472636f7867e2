import { setTimeout as realSleep } from "node:timers/promises";
import { emptyBucket } from "./bucket.ts";
import { FILES_BUCKET } from "./files.ts";
import type { AwsConfig, Stack, StackState } from "./stack.ts";

/** CloudFormation takes some minutes; a distribution may take half an hour. */
const LONGEST_WAIT = 60 * 60_000;

/** A stack without anything in it: somebody asked for its first change set, and nobody has carried that out. */
const EMPTY = "REVIEW_IN_PROGRESS";

/** Of a stack that can only be deleted: it was never made to the end, or not deleted to the end. */
const ONLY_DELETABLE: readonly string[] = [
  EMPTY,
  "CREATE_FAILED",
  "ROLLBACK_COMPLETE",
  "ROLLBACK_FAILED",
  "DELETE_FAILED",
];

/** How a wait is done. */
export interface Waiting {
  /** Milliseconds between two looks at the stack. */
  readonly every: number;
  /** Tells the operator what goes on. */
  say(line: string): void;
  /** Default: a real one. In milliseconds. */
  readonly sleep?: (time: number) => Promise<unknown>;
}

/**
 * Waits until CloudFormation has finished what an earlier run has begun.
 *
 * @returns The stack at rest; undefined when there is none.
 * @throws {Error} It has not finished within an hour.
 */
export async function atRest(
  stack: Stack,
  { every, say, sleep = realSleep }: Waiting,
): Promise<StackState | undefined> {
  let told: string | undefined;
  for (let waited = 0; waited <= LONGEST_WAIT; waited += every) {
    const state = await stack.state();
    if (state === undefined || state.status === EMPTY || !state.status.endsWith("_IN_PROGRESS")) return state;
    if (state.status !== told) say(`The stack ${stack.name} is in ${state.status}. Waiting until that is over ...`);
    told = state.status;
    await sleep(every);
  }
  throw new Error(`The stack ${stack.name} has been in ${told} for an hour. Run the command again when that is over.`);
}

/**
 * Brings a stack that an earlier run has left half-way to where a deployment can begin. Without this CloudFormation, or the
 * framework, refuses each further deployment, and somebody has to mend the stack by hand. The tables are never deleted
 * with a stack.
 *
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html#cfn-console-view-stack-data-resources-status-codes
 *
 * @returns The stack, which can be updated; undefined when there is none.
 * @throws {Error} CloudFormation cannot do it. The message says what is left to do.
 */
export async function recover(stack: Stack, config: AwsConfig, waiting: Waiting): Promise<StackState | undefined> {
  const state = await atRest(stack, waiting);
  if (state === undefined) return undefined;
  if (state.status === "UPDATE_ROLLBACK_FAILED") return rollBack(stack, waiting);
  if (!ONLY_DELETABLE.includes(state.status)) return state;
  if (state.isProtected) throw new Error(protectedMessage(stack));
  waiting.say(`The stack ${stack.name} was left in ${state.status}. It is deleted first, without the data ...`);
  await emptyBuckets(stack, config);
  await stack.delete();
  const left = await atRest(stack, waiting);
  if (left === undefined) return undefined;
  throw new Error(failure(stack, left));
}

/** Empties the buckets that go with the stack: CloudFormation deletes none that has something in it. The bucket of files stays. */
export async function emptyBuckets(stack: Stack, config: AwsConfig): Promise<void> {
  for (const { type, logicalId, physicalId } of await stack.resources()) {
    if (type === "AWS::S3::Bucket" && logicalId !== FILES_BUCKET) await emptyBucket(physicalId, config);
  }
}

/** What is said where a stack may not be deleted. */
export const protectedMessage = ({ name }: Stack): string =>
  `The stack ${name} is protected against deletion. Nothing was removed. To allow it: aws cloudformation update-termination-protection --no-enable-termination-protection --stack-name ${name}`;

async function rollBack(stack: Stack, waiting: Waiting): Promise<StackState | undefined> {
  waiting.say(`The last update of ${stack.name} was not rolled back to the end. That is done first ...`);
  await stack.continueRollback();
  const state = await atRest(stack, waiting);
  if (state?.status.endsWith("FAILED")) throw new Error(failure(stack, state));
  return state;
}

const failure = ({ name }: Stack, { status, reason = "no reason given" }: StackState): string =>
  `The stack ${name} is in ${status}: ${reason}. Mend that cause, which the stack's events in CloudFormation's console name, and run the command again.`;
