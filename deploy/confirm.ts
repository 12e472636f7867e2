import { createInterface } from "node:readline/promises";

/**
 * Whether the person at the terminal types the name of what is to be destroyed. Ctrl-C and Ctrl-D are a no. Without a
 * terminal nobody can.
 */
export async function confirms(name: string, warning: string): Promise<boolean> {
  if (!process.stdin.isTTY) return false;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (await terminal.question(`${warning}\nType ${name} to go on: `)).trim() === name;
  } catch (error) {
    if (!(error instanceof Error && error.name === "AbortError")) throw error;
    process.stderr.write("\n");
    return false;
  } finally {
    terminal.close();
  }
}
