import { Logger } from "@aws-lambda-powertools/logger";
import { notePrinted, plant, plantFieldsOf } from "./suite-output.ts";

/*
 * Once in each test process: notes what functions in it print, and which secrets tests give to functions, here or in a stack.
 * The logger is watched and not the console, as many tests silence that; nothing in lib/ and functions/ prints past it.
 */

/** The part of the logger that prints a line, which TypeScript does not show. */
interface Printer {
  printLog(level: number, item: { getAttributes(): object; prepareForPrint(): void }): void;
}

const printer = Logger.prototype as unknown as Printer;
const { printLog } = printer;
printer.printLog = function (level, item) {
  item.prepareForPrint();
  notePrinted(`${JSON.stringify(item.getAttributes())}\n`);
  printLog.call(this, level, item);
};

for (const stream of [process.stdout, process.stderr]) {
  const write = stream.write.bind(stream);
  stream.write = ((...args: Parameters<typeof write>) => {
    notePrinted(String(args[0]));
    return write(...args);
  }) as typeof stream.write;
}

const { fetch } = globalThis;
globalThis.fetch = async (input, init) => {
  plantFieldsOf(init?.body);
  const response = await fetch(input, init);
  if (/\/login$/.test(String(input)))
    plant(
      "token",
      (
        await response
          .clone()
          .json()
          .catch(() => ({}))
      ).token,
    );
  return response;
};
