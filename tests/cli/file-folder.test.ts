import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { FileFolder } from "../../cli/file-folder.ts";
import { temporaryFolder } from "../support/folders.ts";

describe("a folder of received files", () => {
  let path: string;
  let folder: FileFolder;
  beforeEach(() => {
    path = join(temporaryFolder(), "in", "it");
    folder = new FileFolder(path);
  });

  const text = (content: string): Blob => new Blob([content]);
  const contents = () =>
    Object.fromEntries(readdirSync(path).map((name) => [name, readFileSync(join(path, name), "utf8")]));

  it("is made, and has a file for its owner alone under the name that was given, and nothing else", async () => {
    expect(await folder.save("a.txt", text("one"))).toBe(join(path, "a.txt"));
    expect(contents()).toEqual({ "a.txt": "one" });
    expect(statSync(join(path, "a.txt")).mode & 0o777).toBe(0o600);
  });

  it("has no file outside of it, whatever the name says", async () => {
    expect(await folder.save("../../evil.txt", text("one"))).toBe(join(path, "evil.txt"));
    expect(await folder.save("/tmp/evil.txt", text("two"))).toBe(join(path, "evil (1).txt"));
  });

  it("never has a file written over", async () => {
    writeFileSync(join(path, "a.txt"), "mine");
    mkdirSync(join(path, "a (1).txt"));
    expect(await folder.save("a.txt", text("one"))).toBe(join(path, "a (2).txt"));
    rmSync(join(path, "a (1).txt"), { recursive: true });
    expect(contents()).toEqual({ "a.txt": "mine", "a (2).txt": "one" });
  });

  it("follows no link, also if it leads nowhere", async () => {
    const elsewhere = join(temporaryFolder(), "target");
    symlinkSync(elsewhere, join(path, "a.txt"));
    expect(await folder.save("a.txt", text("one"))).toBe(join(path, "a (1).txt"));
    expect(statSync(elsewhere, { throwIfNoEntry: false })).toBeUndefined();
  });

  it("gives all files a name that come at the same time", async () => {
    const saved = await Promise.all(["1", "2", "3", "4"].map((content) => folder.save("a.txt", text(content))));
    expect(new Set(saved).size).toBe(4);
    expect(Object.values(contents()).sort()).toEqual(["1", "2", "3", "4"]);
  });

  it("takes a file that is there for the repeat of it, if it has the same content", async () => {
    const first = await folder.save("a.txt", text("one"));
    expect(await folder.save("a.txt", text("one"), true)).toBe(first);
    expect(await folder.save("a.txt", text("two"), true)).toBe(join(path, "a (1).txt"));
    expect(await folder.save("a.txt", text("two"), true)).toBe(join(path, "a (1).txt"));
    expect(await folder.save("a.txt", text("one"))).toBe(join(path, "a (2).txt"));
  });

  it("takes an empty file", async () => {
    await folder.save("a.txt", text(""));
    expect(contents()).toEqual({ "a.txt": "" });
  });

  it("says so at once when it cannot be one", () => {
    const file = join(temporaryFolder(), "file");
    writeFileSync(file, "");
    expect(() => new FileFolder(file)).toThrow(`No file can be saved in ${file}: `);
    expect(() => new FileFolder(join(file, "in"))).toThrow(expect.objectContaining({ exitCode: 74 }));
  });

  it("says so when it is gone", async () => {
    rmSync(path, { recursive: true });
    await expect(folder.save("a.txt", text("one"))).rejects.toMatchObject({ exitCode: 74 });
  });

  it("has nothing of a file that cannot be read to its end", async () => {
    const broken = text("one");
    broken.stream = () =>
      new ReadableStream({
        start(controller) {
          controller.enqueue(new Uint8Array(3));
          controller.error(new Error("The disk is full"));
        },
      });
    await expect(folder.save("a.txt", broken)).rejects.toThrow("The disk is full. Nothing is lost");
    expect(contents()).toEqual({});
  });
});
