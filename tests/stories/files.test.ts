import { randomBytes } from "node:crypto";
import { openAsBlob, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { readFileContent } from "../../lib/client/index.ts";
import { FILE_BYTES } from "../../lib/contract/files.ts";
import { temporaryFolder } from "../support/folders.ts";
import { type ClientPerson, newcomer } from "../support/people.ts";
import { type SharedStack, seedUser, sharedStack } from "../support/shared/index.ts";

let stack: SharedStack;
beforeAll(async () => {
  stack = await sharedStack();
});

const person = (): Promise<ClientPerson> => newcomer(stack.url, { register: seedUser });

async function fileOf({ client }: ClientPerson) {
  const { messages } = await client.sync();
  const file = readFileContent(messages[0]?.content ?? "");
  if (file === undefined) throw new Error("No file has come.");
  return file;
}

describe("a file that one person sends to another", () => {
  it("comes as it was, at the largest size, from the disk", async () => {
    const [sender, receiver] = await Promise.all([person(), person()]);
    const bytes = randomBytes(FILE_BYTES);
    const path = join(temporaryFolder(), "large");
    writeFileSync(path, bytes);
    await sender.client.sendFile({ to: receiver.id, file: await openAsBlob(path), name: "large" });
    const fetched = await receiver.client.fetchFile(await fileOf(receiver));
    expect(Buffer.from(await fetched.arrayBuffer()).equals(bytes)).toBe(true);
  });

  it("is refused with a byte more, before anything is uploaded", async () => {
    const { client, id } = await person();
    const sending = client.sendFile({ to: id, file: new Blob([new Uint8Array(FILE_BYTES + 1)]), name: "larger" });
    await expect(sending).rejects.toMatchObject({ status: 413, code: "file_too_large" });
  });

  it("is stored as what nobody can read", async () => {
    const { client, id } = await person();
    const secret = `A secret of ${id}`;
    const { fileId } = await client.uploadFile(new Blob([secret]), { name: "secret.txt" });
    const files = readdirSync(stack.data, { recursive: true, encoding: "utf8" }).filter((name) =>
      name.includes(fileId),
    );
    const stored = files.map((name) => readFileSync(join(stack.data, name), "latin1"));
    expect(stored.map((text) => text.length)).toContain(secret.length + 16);
    expect(stored.join()).not.toContain(secret);
  });

  it("can be fetched by everybody who has been told of it, and by nobody else", async () => {
    const [sender, receiver, other] = await Promise.all([person(), person(), person()]);
    await sender.client.sendFile({ to: receiver.id, file: new Blob(["Hello"]), name: "a" });
    const file = await fileOf(receiver);
    expect(await (await other.client.fetchFile(file)).text()).toBe("Hello");
    const guessed = { ...file, fileId: `${file.fileId.slice(0, -1)}${file.fileId.endsWith("A") ? "Q" : "A"}` };
    await expect(other.client.fetchFile(guessed)).rejects.toMatchObject({ code: "file_expired" });
    const withoutKey = { ...file, key: "A".repeat(43) };
    await expect(other.client.fetchFile(withoutKey)).rejects.toMatchObject({ code: "file_corrupt" });
  });
});
