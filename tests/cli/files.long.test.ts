import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Client, type FileContent, type Message, readFileContent } from "../../lib/client/index.ts";
import { eventually } from "../support/eventually.ts";
import { type SharedStack, sharedStack } from "../support/shared/index.ts";
import { takeAll } from "../support/taking.ts";
import { Computer } from "../support/terminal-client.ts";

/** A file that is not text. */
const BYTES = Uint8Array.from({ length: 1_300_000 }, (_, index) => (index * 7) % 256);
const FILE = new Blob([BYTES]);

/** A file that is no longer stored: its id was never given out. */
const EXPIRED: FileContent = {
  fileId: "A".repeat(22),
  name: "old.txt",
  mediaType: "text/plain",
  bytes: 3,
  key: "A".repeat(43),
  iv: "AAAAAAAAAA",
  sha256: `${"A".repeat(43)}=`,
};

describe("gotalk with files", () => {
  let stack: SharedStack;
  let here: Computer;
  let client: Client;
  let self: string;
  let id: string;
  let folder: string;
  beforeAll(async () => {
    stack = await sharedStack();
  });
  beforeEach(async () => {
    here = new Computer(stack.url);
    ({ client, id, username: self } = await here.newcomer());
    folder = join(here.home, "files");
  });

  const receive = (...options: string[]) => here.run(["receive", "--no-wait", ...options]);
  const saved = (name: string): Buffer => readFileSync(join(folder, name));
  const jsonIn = (lines: string) =>
    lines
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  const content = (file: object): string => JSON.stringify(file);
  const sendContent = (file: object) => client.send({ to: id, type: "file", content: content(file) });

  const received = (): Promise<Message[]> => takeAll(client);

  describe("send --file", () => {
    it.each([
      ["before the name", (path: string) => ["send", "--file", path, self]],
      ["after the name", (path: string) => ["send", self, "--file", path]],
    ])("sends the file that is named %s, with its own name and type", async (_, words) => {
      mkdirSync(join(here.home, "docs"));
      writeFileSync(join(here.home, "docs/report.pdf"), BYTES);
      const sent = await here.run(words("docs/report.pdf"));
      expect(sent).toEqual({ code: 0, signal: null, stdout: "", stderr: "" });
      const [message] = await received();
      const file = readFileContent(message?.content ?? "");
      expect(message?.type).toBe("file");
      expect(file).toMatchObject({ name: "report.pdf", mediaType: "application/pdf", bytes: BYTES.byteLength });
      const fetched = await client.fetchFile(file ?? EXPIRED);
      expect(Buffer.from(await fetched.arrayBuffer()).equals(BYTES)).toBe(true);
    });

    it("prints the server's answer with --json, and takes the id that is given", async () => {
      writeFileSync(join(here.home, "a"), "");
      const messageId = client.newMessageId();
      const { stdout } = await here.run(["send", "--json", "--message-id", messageId, "--file", "a", self]);
      expect(JSON.parse(stdout)).toMatchObject({ messageId, status: "received" });
      const [message] = await received();
      expect(message?.messageId).toBe(messageId);
      expect(readFileContent(message?.content ?? "")).toMatchObject({
        mediaType: "application/octet-stream",
        bytes: 0,
      });
    });

    it("says of a repeat under the same id that it has arrived", async () => {
      writeFileSync(join(here.home, "a"), "");
      const messageId = client.newMessageId();
      const words = ["send", "--message-id", messageId, "--file", "a", self];
      expect(await here.run(words)).toMatchObject({ code: 0 });
      const again = await here.run(words);
      expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining("If it was this file, it has arrived.") });
      expect(await received()).toHaveLength(1);
    });

    it.each([
      ["a text of two words and more", ["--file", "a", "b"], "--file a b"],
      ["one word", ["--file"], "--file"],
      ["one word with a path in it", ["--file=a"], "--file=a"],
      ["what stands behind --", ["--", "--file", "a"], "--file a"],
    ])("is a text as it was: %s", async (_, words, text) => {
      writeFileSync(join(here.home, "a"), "secret");
      expect(await here.run(["send", self, ...words])).toMatchObject({ code: 0 });
      expect(await received()).toMatchObject([{ type: "text", content: text }]);
    });

    it.each([
      ["a file that is not there", ["--file", "none", "$self"], 74, "none cannot be read: ENOENT"],
      ["a folder", ["--file", ".", "$self"], 74, ". cannot be read: it is not a regular file. Nothing was sent."],
      ["a text beside it", ["--file", "a", "$self", "Hello"], 2, "A file is sent without a text."],
      ["two files", ["--file", "a", "--file", "a", "$self"], 2, "Give one file, and send each other one by itself."],
      ["nobody to send to", ["--file", "a", "nobody-of-this-name"], 67, "There is no user"],
      ["a file that is too large", ["--file", "large", "$self"], 65, "A file may have 26214400 bytes"],
    ])("refuses %s", async (_, words, code, text) => {
      writeFileSync(join(here.home, "a"), "");
      writeFileSync(join(here.home, "large"), new Uint8Array(26_214_401));
      const refused = await here.run(["send", ...words.map((word) => (word === "$self" ? self : word))]);
      expect(refused).toMatchObject({ code, stdout: "", stderr: expect.stringContaining(text) });
      expect(await received()).toEqual([]);
    });
  });

  describe("receive --files", () => {
    it("saves a file, and then says where it is", async () => {
      await client.sendFile({ to: id, file: FILE, name: "report.pdf" });
      const { code, stdout, stderr } = await receive("--files", "files");
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      const path = join(folder, "report.pdf");
      expect(stdout.slice(17)).toBe(`${self} sent the file "report.pdf" (1.3 MB), saved as ${path}\n`);
      expect(saved("report.pdf").equals(BYTES)).toBe(true);
      expect(await receive("--json", "--all")).toMatchObject({ stdout: "" });
    });

    it("saves it in the folder alone, over no other file, and hides no name's end", async () => {
      for (const name of ["../../evil.txt", "/etc/evil.txt", "C:\\evil.txt", ".bashrc", "a\u202etxt.exe"]) {
        await client.sendFile({ to: id, file: new Blob([name]), name });
      }
      const { code, stdout } = await receive("--files", "files");
      expect(code).toBe(0);
      expect(stdout).not.toContain("\u202e");
      const names = ["evil.txt", "evil (1).txt", "evil (2).txt", "bashrc", "atxt.exe"];
      expect(readdirSync(folder).sort()).toEqual(names.sort());
      expect(String(saved("evil.txt"))).toBe("../../evil.txt");
      expect(existsSync(join(here.home, "..", "evil.txt"))).toBe(false);
    });

    it("gives programs texts and files, with the path in --json", async () => {
      await client.send({ to: id, type: "text", content: "Here it is:" });
      await client.sendFile({ to: id, file: FILE, name: "a.bin" });
      const { stdout } = await receive("--json", "--files", "files");
      const [text, file] = jsonIn(stdout);
      expect(text).toMatchObject({ type: "text", content: "Here it is:" });
      expect(text).not.toHaveProperty("savedAs");
      expect(file).toMatchObject({ type: "file", savedAs: join(folder, "a.bin") });
    });

    it("gives the command of --exec the path as GOTALK_FILE", async () => {
      await client.send({ to: id, type: "text", content: "Hello" });
      await client.sendFile({ to: id, file: FILE, name: "$(touch evil) 'a'.bin" });
      const command = 'echo "$GOTALK_TYPE ${GOTALK_FILE-none} ${GOTALK_FILE_ERROR-none}" >> log';
      expect(await receive("--files", "files", "--exec", command)).toMatchObject({ code: 0, stderr: "" });
      const path = join(folder, "$(touch evil) 'a'.bin");
      expect(readFileSync(join(here.home, "log"), "utf8")).toBe(`text none none\nfile ${path} none\n`);
      expect(existsSync(join(here.home, "evil"))).toBe(false);
    });

    it("gives the command JSON with the path", async () => {
      await client.sendFile({ to: id, file: FILE, name: "a.bin" });
      await receive("--json", "--files", "files", "--exec", "cat > log");
      expect(JSON.parse(readFileSync(join(here.home, "log"), "utf8"))).toMatchObject({
        savedAs: join(folder, "a.bin"),
      });
    });

    it("saves a file once, although the command has to be run again", async () => {
      await client.sendFile({ to: id, file: FILE, name: "a.bin" });
      const command = 'echo "$GOTALK_FILE $GOTALK_REDELIVERED" >> log; [ $(wc -l < log) = 2 ]';
      expect(await receive("--files", "files", "--exec", command)).toMatchObject({ code: 75 });
      expect(await receive("--files", "files", "--exec", command)).toMatchObject({ code: 0 });
      const path = join(folder, "a.bin");
      expect(readFileSync(join(here.home, "log"), "utf8")).toBe(`${path} false\n${path} true\n`);
      expect(readdirSync(folder)).toEqual(["a.bin"]);
    });

    it("goes on with the message of a file that is no longer stored, and says so", async () => {
      await sendContent(EXPIRED);
      await client.send({ to: id, type: "text", content: "Did you get it?" });
      const { code, stdout, stderr } = await receive("--files", "files");
      expect(code).toBe(0);
      expect(stdout.split("\n").map((line) => line.slice(17))).toEqual([
        `${self} sent the file "old.txt" (3 bytes), which cannot be had any more`,
        `${self}: Did you get it?`,
        "",
      ]);
      expect(stderr).toMatch(
        /^gotalk: Message \S+ of \S+ brings the file "old\.txt", without the file\. The file is no/,
      );
      expect(readdirSync(folder)).toEqual([]);
    });

    it.each([
      ["is damaged", { sha256: EXPIRED.sha256 }, "file_corrupt"],
      ["has another key", { key: EXPIRED.key }, "file_corrupt"],
      ["is shorter than it says", { bytes: 1_400_000 }, "file_corrupt"],
      ["cannot be read about", { key: undefined }, "file_corrupt"],
      ["is not stored", { fileId: EXPIRED.fileId }, "file_expired"],
      ["has an id that is none", { fileId: ".." }, "file_expired"],
    ])("tells programs of a file that %s, and loses no message", async (_, wrong, code) => {
      const file = await client.uploadFile(FILE, { name: "a.bin" });
      await sendContent({ ...file, ...wrong });
      await sendContent({ ...file, ...wrong });
      const inJson = await here.run(["receive", "--no-wait", "--json", "--files", "files"]);
      const [first, second] = jsonIn(inJson.stdout);
      expect(first).toMatchObject({ type: "file", fileError: code, content: expect.stringContaining("a.bin") });
      expect(second).toMatchObject({ fileError: code });
      expect(inJson.code).toBe(0);
      await sendContent({ ...file, ...wrong });
      const command = 'echo "${GOTALK_FILE-none} $GOTALK_FILE_ERROR" > log';
      expect(await receive("--files", "files", "--exec", command)).toMatchObject({ code: 0 });
      expect(readFileSync(join(here.home, "log"), "utf8")).toBe(`none ${code}\n`);
      expect(readdirSync(folder)).toEqual([]);
    });

    it("begins with nothing when the folder cannot be written", async () => {
      await client.sendFile({ to: id, file: FILE, name: "a.bin" });
      writeFileSync(folder, "a file");
      const refused = await receive("--files", "files");
      expect(refused).toMatchObject({ code: 74, stdout: "", stderr: expect.stringContaining("Nothing is lost") });
      rmSync(folder);
      expect((await receive("--files", "files")).stdout).toContain("saved as");
    });

    it("acknowledges no message whose file could not be saved", async () => {
      await client.send({ to: id, type: "text", content: "first" });
      await client.sendFile({ to: id, file: FILE, name: "a.bin" });
      // The folder goes while the first message is processed.
      const command = `echo "$GOTALK_TYPE" >> log; [ "$GOTALK_TYPE" = file ] || rm -r files`;
      const failed = await receive("--files", "files", "--exec", command);
      expect(failed).toMatchObject({ code: 74, stderr: expect.stringContaining("Nothing is lost") });
      expect(await receive("--files", "files", "--exec", command)).toMatchObject({ code: 0 });
      expect(readFileSync(join(here.home, "log"), "utf8")).toBe("text\nfile\n");
      expect(saved("a.bin").equals(BYTES)).toBe(true);
    });

    it("saves files as they come", async () => {
      const following = here.start(["receive", "--files", "files"]);
      await client.sendFile({ to: id, file: FILE, name: "a.bin" });
      await eventually(() => expect(following.stdout()).toContain("saved as"));
      following.child.kill("SIGINT");
      expect(await following.ended).toMatchObject({ signal: "SIGINT" });
      expect(saved("a.bin").equals(BYTES)).toBe(true);
    });
  });

  describe("a file that was shown", () => {
    it("is saved later, by the command that receive names", async () => {
      await client.sendFile({ to: id, file: FILE, name: "report.pdf" });
      const { stdout } = await receive();
      const [, messageId = ""] =
        /sent the file "report.pdf" \(1\.3 MB\)\. To save it: gotalk save (\S+)\n$/.exec(stdout) ?? [];
      const first = await here.run(["save", messageId, "files"]);
      expect(first).toEqual({ code: 0, signal: null, stdout: `${join(folder, "report.pdf")}\n`, stderr: "" });
      expect(saved("report.pdf").equals(BYTES)).toBe(true);
      const again = await here.run(["save", "--json", messageId]);
      expect(JSON.parse(again.stdout)).toEqual({ savedAs: join(here.home, "report.pdf") });
    });

    it("is named by chat as well, with its size and the command", async () => {
      const chat = here.start(["chat", self]);
      await client.sendFile({ to: id, file: FILE, name: "report.pdf" });
      await eventually(() => expect(chat.stdout()).toContain("gotalk save"));
      chat.child.stdin?.end();
      expect(await chat.ended).toMatchObject({ code: 0 });
      const [, messageId = ""] = /"report.pdf" \(1\.3 MB\)\. To save it: gotalk save (\S+)/.exec(chat.stdout()) ?? [];
      expect(await here.run(["save", messageId, "files"])).toMatchObject({ code: 0 });
      expect(saved("report.pdf").equals(BYTES)).toBe(true);
    });

    it("is gone when its sender has deleted it", async () => {
      const { messageId } = await client.sendFile({ to: id, file: FILE, name: "a.bin" });
      await receive();
      await client.send({ to: id, type: "deletion", about: messageId, content: "" });
      await receive();
      const refused = await here.run(["save", messageId]);
      expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining("No file of the message") });
    });

    it("cannot be had when it is no longer stored", async () => {
      const { messageId } = await sendContent(EXPIRED);
      await receive();
      const refused = await here.run(["save", messageId]);
      expect(refused).toMatchObject({ code: 65, stderr: expect.stringContaining("no longer stored") });
    });

    it.each([["no id"], ["0199d3a0-0000-7000-8000-000000000000"]])("is known by its id alone: %s", async (word) => {
      expect(await here.run(["save", word])).toMatchObject({ code: 2, stdout: "" });
    });
  });
});
