/** What is due, in its order: a folder goes only once no process uses it. */
const duties = { processes: new Set<() => void>(), folders: new Set<() => void>() };

/** Does all that is due. */
export function endAll(): void {
  for (const due of Object.values(duties)) {
    for (const duty of [...due].reverse()) {
      due.delete(duty);
      duty();
    }
  }
}

process.once("exit", endAll);
// None of these ends a process by an exit: Ctrl-C, the end of a run, and the death of the process that leads the run.
for (const ending of ["SIGINT", "SIGTERM", "SIGHUP", "disconnect"] as const) {
  process.once(ending, () => {
    endAll();
    // Not by `process.exit`, which the test runner has made an error.
    process.kill(process.pid, "SIGKILL");
  });
}

/**
 * Ends a process, or removes a folder, when the test file has ended, or its own process, however that does; a `kill -9`
 * excepted. The returned function calls it off before.
 */
export function atEnd(duty: () => void, of: keyof typeof duties = "processes"): () => void {
  duties[of].add(duty);
  return () => void duties[of].delete(duty);
}
