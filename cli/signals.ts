const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Ctrl-C at a prompt, where it is a key and no signal. The process ends by the signal that it stands for. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
}

/** The signal that a process was asked to end by. */
export interface Ending {
  /** Aborted by the first signal. A second one ends the process at once, as if nothing listened. */
  readonly signal: AbortSignal;
  /** Ends the process by the same signal, so that a shell or service manager sees what happened; without one, does nothing. */
  finish(): void;
}

/** From now on a signal is told, and not obeyed at once. */
export function listenForSignals(): Ending {
  const controller = new AbortController();
  let came: NodeJS.Signals | undefined;
  const listen = (name: NodeJS.Signals): void => {
    came = name;
    for (const each of SIGNALS) process.off(each, listen);
    controller.abort();
  };
  for (const each of SIGNALS) process.on(each, listen);
  return {
    signal: controller.signal,
    finish() {
      for (const each of SIGNALS) process.off(each, listen);
      if (came !== undefined) process.kill(process.pid, came);
    },
  };
}
