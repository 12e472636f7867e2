const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Ctrl-C at a prompt, where it is a key and not a signal. The process then ends by SIGINT. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
}

/** The signal that asks a process to end. */
export interface Ending {
  /** Aborted by the first signal. A second signal ends the process at once. */
  readonly signal: AbortSignal;
  /**
   * Ends the process by the same signal, so that a shell or service manager sees the reason. Without a signal it does
   * nothing.
   */
  finish(): void;
}

/** From now on a signal is reported instead of ending the process at once. */
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
