import { PassThrough, Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { decodeLine, linesOf } from "../../cli/lines.ts";
import { LIMITS } from "../../lib/contract/limits.ts";

/** A line may have a byte order mark before a message. */
const LONGEST = LIMITS.contentBytes + 3;

async function linesIn(...chunks: string[]): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of linesOf(Readable.from(chunks.map((chunk) => Buffer.from(chunk))))) lines.push(line);
  return lines;
}

const decoded = async (...chunks: string[]): Promise<string[]> =>
  (await linesIn(...chunks)).map((line) => decodeLine(line, "A line"));

describe("lines of a pipe", () => {
  it("end by whatever ends lines, also between two chunks", async () => {
    expect(await decoded("one\ntwo\r\nthree\r", "\nfour\rfive")).toEqual(["one", "two", "three", "four", "five"]);
    expect(await decoded("Grü", "ße 👋\n\n", "")).toEqual(["Grüße 👋", ""]);
  });

  it("are kept up to the longest message, and no further", async () => {
    const long = "x".repeat(LONGEST);
    expect(await linesIn(`${long}\n${long}`, "yyy\nnext\n")).toEqual([long, `${long}y`, "", "next"]);
    expect(() => decodeLine(long, "A line")).not.toThrow();
    expect(() => decodeLine(`${long}y`, "A line")).toThrow(
      expect.objectContaining({ exitCode: 65, message: "A line is too long: it may have 16384 bytes at most." }),
    );
  });

  it("do not fill the memory where one never ends: it is told while it lasts", async () => {
    const unended = new PassThrough();
    unended.write("x".repeat(100_000));
    for await (const line of linesOf(unended)) {
      expect(line).toBe("x".repeat(LONGEST + 1));
      break;
    }
    unended.destroy();
  });
});
