import type { Database } from "../../lib/database/database.ts";
import { Unavailable } from "../../lib/runtime/errors.ts";

/** Where a database ends to answer: at a command by its number, or at the first that says something. */
type Break = { readonly before: boolean } & ({ readonly command: number } | { readonly what: string });

/** A database that fails at one command, and at all after it, as when the process is killed there. */
export interface Breakable extends Database {
  /**
   * From now on, counted from here. `before`: the command is not carried out; otherwise it is, and its answer is lost.
   * `undefined`: all is well.
   */
  breakAt(point: Break | undefined): void;
  /** Calls back once, before the first command that says this is carried out. */
  interrupt(what: string, work: () => Promise<void>): void;
  /** Commands since `breakAt`. */
  readonly count: number;
}

export function breakable(database: Database): Breakable {
  let point: Break | undefined;
  let count = 0;
  let isBroken = false;
  let interruption: { readonly what: string; readonly work: () => Promise<void> } | undefined;
  const isAt = (command: { input: unknown }): boolean => {
    if (point === undefined) return false;
    return "command" in point ? count > point.command : JSON.stringify(command.input).includes(point.what);
  };
  const send = async (command: { input: unknown }, ...rest: never[]) => {
    if (interruption && JSON.stringify(command.input).includes(interruption.what)) {
      const { work } = interruption;
      interruption = undefined;
      await work();
    }
    if (isBroken) throw new Unavailable("broken");
    count += 1;
    if (!isAt(command)) return database.send(command as never, ...rest);
    isBroken = true;
    if (point?.before === false)
      await (database.send(command as never, ...rest) as Promise<unknown>).catch(() => undefined);
    throw new Unavailable("broken");
  };
  return {
    send: send as Database["send"],
    breakAt: (next) => {
      point = next;
      count = 0;
      isBroken = false;
    },
    interrupt: (what, work) => {
      interruption = { what, work };
    },
    get count() {
      return count;
    },
  };
}
