/** What functions log of work that is best effort, and of a request that they refuse, when the machine is too slow for its bound. */
const IS_OF_BUSY_MACHINE = /"message":"(could not |settled messages are left )|"code":"unavailable"/;

/** What a stack has printed, without the log lines that a busy machine adds. */
export const withoutBusyLines = (output: string): string =>
  output
    .split(/(?<=\n)/)
    .filter((line) => !(line.startsWith("{") && IS_OF_BUSY_MACHINE.test(line)))
    .join("");
