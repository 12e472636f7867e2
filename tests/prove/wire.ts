import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  InternalServerError,
  ProvisionedThroughputExceededException,
} from "@aws-sdk/client-dynamodb";
import type { Database } from "../../lib/database/database.ts";
import type { Fault, Trouble } from "./scenario.ts";

/** What the database is asked: a command of the SDK, as far as it matters here. */
export interface Asked {
  readonly input: unknown;
}

/** How a wire gets at the world. */
export interface Line {
  /**
   * Resolves when it is this wire's turn. Rejects if that has taken too long: then nothing arrives any more.
   *
   * @param isNext It is the call's next command. What arrives late, and an answer that takes a while, are not.
   */
  turn(label: string, isNext?: boolean): Promise<void>;
  /** Carries the command out. `told`: the one who sent it will see the answer. */
  apply(command: Asked, told: boolean): Promise<unknown>;
  /** Time passes, until no lease holds any more. */
  lapse(): void;
  /** The clock steps back by a lease. */
  setBack(): void;
  /**
   * The client stops waiting.
   *
   * @param isDead Since the function died. It asks for nothing any more.
   */
  desert(isDead: boolean): void;
}

export const timeout = (): Error =>
  Object.assign(new Error("the answer did not come in time"), { name: "TimeoutError" });
const throttled = (): Error =>
  new ProvisionedThroughputExceededException({ message: "too much", $metadata: { attempts: 3 } });
const broken = (): Error =>
  new InternalServerError({ message: "broken", $metadata: { attempts: 3, httpStatusCode: 500 } });

/** An actor that is dead never goes on. */
const never = (): Promise<never> => new Promise(() => {});

/** The database as one call sees it: each command waits for its turn, and meets the trouble that is planned for it. */
export function wire(line: Line, faults: readonly Fault[]): Database {
  let sent = 0;
  const send = async (command: Asked): Promise<unknown> => {
    const number = sent++;
    const trouble = faults.find((fault) => fault.command === number)?.trouble;
    const label = `${command.constructor.name.replace("Command", "")} ${number}${trouble ? ` (${trouble})` : ""}`;
    await line.turn(label, true);
    return trouble === undefined ? line.apply(command, true) : meet(trouble, command, line, label);
  };
  return { send } as unknown as Database;
}

async function meet(trouble: Trouble, command: Asked, line: Line, label: string): Promise<unknown> {
  switch (trouble) {
    case "throttled":
      throw throttled();
    case "unsent":
      throw timeout();
    case "unanswered":
      await swallow(line.apply(command, false));
      throw broken();
    case "repeated":
      await swallow(line.apply(command, false));
      return retried(line.apply(command, true));
    case "late":
      void line.turn(`${label} arrives`).then(
        () => swallow(line.apply(command, false)),
        () => undefined,
      );
      throw timeout();
    case "slow": {
      const outcome = await settled(line.apply(command, true));
      await line.turn(`${label} answers`);
      return outcome();
    }
    case "partial":
      return partly(command, line);
    case "lapse":
      line.lapse();
      return line.apply(command, true);
    case "setBack":
      line.setBack();
      return line.apply(command, true);
    case "crash":
      line.desert(true);
      return never();
    case "crashAfter":
      await swallow(line.apply(command, false));
      line.desert(true);
      return never();
    case "givenUp":
      line.desert(false);
      return line.apply(command, true);
  }
}

const swallow = (work: Promise<unknown>): Promise<void> =>
  work.then(
    () => undefined,
    () => undefined,
  );

const settled = (work: Promise<unknown>): Promise<() => unknown> =>
  work.then(
    (value) => () => value,
    (error: unknown) => () => {
      throw error;
    },
  );

/** The SDK says in its errors how often it tried. */
async function retried(work: Promise<unknown>): Promise<unknown> {
  try {
    return await work;
  } catch (error) {
    throw Object.assign(error as Error, { $metadata: { attempts: 2 } });
  }
}

/** Carries out the first half of a batch command, and hands the rest back as unprocessed, as DynamoDB may. */
async function partly(command: Asked, line: Line): Promise<unknown> {
  if (command instanceof BatchWriteItemCommand) {
    const [done, left] = halves(command.input.RequestItems ?? {}, (requests) => halve(requests));
    await line.apply(new BatchWriteItemCommand({ RequestItems: done }), true);
    return { UnprocessedItems: left };
  }
  if (command instanceof BatchGetItemCommand) {
    const [done, left] = halves(command.input.RequestItems ?? {}, ({ Keys, ...rest }) => {
      const [now, later] = halve(Keys ?? []);
      return [
        { ...rest, Keys: now },
        { ...rest, Keys: later },
      ];
    });
    const output = await line.apply(new BatchGetItemCommand({ RequestItems: done }), true);
    return { ...(output as object), UnprocessedKeys: left };
  }
  throw throttled();
}

const halve = <T>(all: readonly T[]): [T[], T[]] => {
  const middle = Math.ceil(all.length / 2);
  return [all.slice(0, middle), all.slice(middle)];
};

/** Of a batch command's tables, each cut in two. */
function halves<T>(tables: Record<string, T>, cut: (of: T) => [T, T]): [Record<string, T>, Record<string, T>] {
  const parts = Object.entries(tables).map(([table, of]) => [table, cut(of)] as const);
  return [
    Object.fromEntries(parts.map(([table, [first]]) => [table, first])),
    Object.fromEntries(parts.map(([table, [, second]]) => [table, second])),
  ];
}
