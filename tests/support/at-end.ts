const duties = new Set<() => void>();

/** Does all that is due. */
export function endAll(): void {
  // The last first: what uses a folder ends before the folder goes.
  for (const duty of [...duties].reverse()) {
    duties.delete(duty);
    duty();
  }
}

process.once("exit", endAll);
// None of these ends a process by an exit: Ctrl-C, the end of a run, and the death of the process that leads the run.
for (const ending of ["SIGINT", "SIGTERM", "SIGHUP", "disconnect"] as const) {
  process.once(ending, () => process.exit(1));
}

/**
 * Does something when the test file has ended, or the process, however it does; a `kill -9` excepted. The returned function
 * calls it off before.
 */
export function atEnd(duty: () => void): () => void {
  duties.add(duty);
  return () => void duties.delete(duty);
}
