import { readdirSync, readFileSync } from "node:fs";

/** What a process and all that it has started hold and have used. From Linux's `/proc`: elsewhere there is no such thing. */
export interface TreeUse {
  readonly processes: number;
  /** Their resident memory, in megabytes (10^6 bytes). Pages that several of them share are divided between them (PSS). */
  readonly megabytes: number;
  /** Processor time so far, in milliseconds. */
  readonly processorMs: number;
}

const KILOBYTE = 1_024;
/** Linux's unit of processor time here, on every architecture that Node runs on. */
const TICKS_PER_SECOND = 100;
/** Of `/proc/PID/stat`, counted after the name in brackets: its parent, and its time in user and in kernel mode. */
const PARENT = 1;
const USER_TIME = 11;
const SYSTEM_TIME = 12;

/** @throws {Error} where there is no `/proc`, or no such process */
export function useOf(pid: number): TreeUse {
  const all = processes();
  const tree = [pid];
  for (const parent of tree) {
    for (const { id, stat } of all) if (Number(stat[PARENT]) === parent) tree.push(id);
  }
  const own = all.filter(({ id }) => tree.includes(id));
  if (own.length === 0) throw new Error(`there is no process ${pid}`);
  const sum = (of: (one: ProcessStat) => number): number => own.reduce((total, one) => total + of(one), 0);
  return {
    processes: own.length,
    megabytes: sum(({ id }) => residentBytes(id)) / 1e6,
    processorMs: sum(({ stat }) => ((Number(stat[USER_TIME]) + Number(stat[SYSTEM_TIME])) * 1_000) / TICKS_PER_SECOND),
  };
}

interface ProcessStat {
  readonly id: number;
  /** The fields after the name. */
  readonly stat: readonly string[];
}

function processes(): ProcessStat[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const text = read(`/proc/${name}/stat`);
      return text === "" ? [] : [{ id: Number(name), stat: text.slice(text.lastIndexOf(")") + 2).split(" ") }];
    });
}

function residentBytes(pid: number): number {
  const [, kilobytes = "0"] = /^Pss:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/smaps_rollup`)) ?? [];
  return Number(kilobytes) * KILOBYTE;
}

/** Nothing, where the process has ended meanwhile. */
function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
