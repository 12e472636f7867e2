import type { Interface } from "node:readline";

/**
 * Lets Ctrl-Z suspend the process while lines of a terminal are read, and reads on after `fg`. readline by itself stops
 * reading then. Where no shell could bring the process back, as in a container, the signal does nothing: readline leaves
 * the terminal to itself all the same, which shows the rest of a password.
 *
 * @param show Shows again what is being typed.
 */
export function suspendable(lines: Interface, show: () => void): void {
  const takeTerminal = (): void => {
    // Whatever it was set to meanwhile.
    process.stdin.setRawMode(false);
    process.stdin.setRawMode(true);
  };
  const resume = (): void => {
    takeTerminal();
    show();
  };
  lines.on("SIGTSTP", () => {
    process.stdin.setRawMode(false);
    process.kill(process.pid, "SIGTSTP");
    takeTerminal();
  });
  process.on("SIGCONT", resume);
  lines.once("close", () => process.off("SIGCONT", resume));
}
