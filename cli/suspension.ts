import type { Interface } from "node:readline";

/**
 * Lets Ctrl-Z suspend the process while lines of a terminal are read, and goes on after `fg`, where readline would
 * stop. In a container no shell could resume the process, and the signal does nothing. There readline would leave raw
 * mode all the same, and the terminal would show the rest of a password.
 *
 * @param show Shows again what is being typed.
 */
export function suspendable(lines: Interface, show: () => void): void {
  const takeTerminal = (): void => {
    // Another program may have changed the mode meanwhile.
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
