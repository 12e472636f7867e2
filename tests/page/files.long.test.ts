import type { Route } from "playwright-core";
import { thumbHashToRGBA } from "thumbhash";
import { describe, expect, it } from "vitest";
import { type Client, type FileContent, type Message, readFileContent } from "../../lib/client/index.ts";
import { eventually } from "../support/eventually.ts";
import { violations } from "../support/page/axe.ts";
import { usePage } from "../support/page/fixture.ts";
import type { Visitor } from "../support/page/visitor.ts";
import { problemText } from "../support/problem-text.ts";
import { takeAll } from "../support/taking.ts";
import { attach, countIn, hand, jpegOf, overflow, sendFiles, sending } from "./support/files.ts";
import { PLACE, png, turned, withComments, withPlace } from "./support/pictures.ts";

const PICTURE = { name: "sunset.png", mimeType: "image/png", buffer: png(300, 200) };
const REPORT = { name: "report.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.7 nothing") };

/** The messages with files that come next, without the other ones. */
async function filesOf(client: Client): Promise<Message[]> {
  const messages = await takeAll(client);
  return messages.filter(({ type }) => type === "file");
}

/** The files that have come, at least so many. */
async function received(client: Client, count: number): Promise<FileContent[]> {
  const all: Message[] = [];
  await eventually(async () => {
    all.push(...(await filesOf(client)));
    expect(all.length).toBeGreaterThanOrEqual(count);
  });
  return all.flatMap(({ content }) => readFileContent(content) ?? []);
}

const bytesOf = async (client: Client, file: FileContent): Promise<Buffer> =>
  Buffer.from(await (await client.fetchFile(file)).arrayBuffer());

/** Lets no upload through, until the function is called that is returned. */
async function holdUploads({ context }: Visitor): Promise<() => Promise<void>> {
  const held: Route[] = [];
  let isOpen = false;
  await context.route("**/-files/**", async (route) => {
    if (isOpen) await route.continue();
    else held.push(route);
  });
  return async () => {
    isOpen = true;
    await Promise.all(held.map((route) => route.continue().catch(() => undefined)));
  };
}

/** How the next picture of the log comes into it. Runs in a page. */
const firstVisibility = (): Promise<[visibility: string, decoding: string]> =>
  new Promise((resolve) => {
    const observer = new MutationObserver(() => {
      const image = document.querySelector<HTMLImageElement>("[role=log] .picture img");
      if (image === null) return;
      observer.disconnect();
      resolve([getComputedStyle(image).visibility, image.decoding]);
    });
    observer.observe(document, { subtree: true, childList: true });
  });

describe("files that are sent", () => {
  const { visitor, client } = usePage();

  /** Somebody with a page, and somebody with a client to whom they write. */
  async function talk(options?: Parameters<typeof visitor>[1]): Promise<[Visitor, Client]> {
    const [alice, bob] = await Promise.all([visitor("alice", options), client("bob")]);
    await alice.talkTo(bob.session?.username ?? "");
    return [alice, bob];
  }

  it("are several at once, are seen at once, and are named in the list", async () => {
    const [alice, bob] = await talk();
    await sendFiles(alice, PICTURE, REPORT);
    await alice.button("Open picture sunset.webp").waitFor();
    await alice.button(/^Save report.pdf/).waitFor();
    const files = await received(bob, 2);
    expect(files.map(({ name, mediaType }) => [name, mediaType])).toEqual([
      ["sunset.webp", "image/webp"],
      ["report.pdf", "application/pdf"],
    ]);
    const [, report] = files;
    expect(report && (await bytesOf(bob, report))).toEqual(REPORT.buffer);
    await alice.conversations.getByText("File: report.pdf").waitFor();
    await alice.message("").first().waitFor({ state: "detached" });
    await eventually(async () => expect(await alice.log.getByText("Sent", { exact: true }).count()).toBe(2));
  });

  it("as pictures are made smaller, and nothing is left in them of what the camera wrote, such as the place", async () => {
    const [alice, bob] = await talk();
    const photo = withPlace(await jpegOf(alice, 3_000, 1_500));
    expect(photo.includes("Exif") && photo.includes(PLACE.tag) && photo.includes(PLACE.latitude)).toBe(true);
    await sendFiles(alice, { name: "IMG_1.jpg", mimeType: "image/jpeg", buffer: photo });
    const [file] = await received(bob, 1);
    expect(file).toMatchObject({ name: "IMG_1.webp", mediaType: "image/webp", width: 2_048, height: 1_024 });
    expect(file?.preview).toMatch(/^[\w+/=]{20,60}$/);
    const sent = file ? await bytesOf(bob, file) : Buffer.alloc(0);
    expect(sent.subarray(8, 12).toString("latin1")).toBe("WEBP");
    expect(["Exif", "EXIF", PLACE.latitude].map((part) => sent.includes(part))).toEqual([false, false, false]);
  });

  it("as files keep every byte, also as pictures, and say so before", async () => {
    const [alice, bob] = await talk();
    const photo = withPlace(await jpegOf(alice, 300, 150));
    await attach(alice, { name: "IMG_1.jpg", mimeType: "image/jpeg", buffer: photo });
    await sending(alice).getByText("without what the camera stored").waitFor();
    await sending(alice).getByLabel("Send pictures as files").check();
    await sending(alice).getByText("in full size, with everything that the camera stored").waitFor();
    await alice.page.keyboard.press("Enter");
    await sending(alice).waitFor({ state: "detached" });
    const [file] = await received(bob, 1);
    expect(file).toMatchObject({ name: "IMG_1.jpg", mediaType: "image/jpeg", width: 300, height: 150 });
    expect(file?.preview).toMatch(/^[\w+/=]{20,60}$/);
    expect(file && (await bytesOf(bob, file))).toEqual(photo);
  });

  it("as files are seen upright and in their shape, also where the camera has written much before it", async () => {
    const [alice, bob] = await talk();
    const photo = withComments(turned(await jpegOf(alice, 300, 150)), 5);
    await attach(alice, { name: "IMG_1.jpg", mimeType: "image/jpeg", buffer: photo });
    await sending(alice).getByLabel("Send pictures as files").check();
    await alice.page.keyboard.press("Enter");
    const [file] = await received(bob, 1);
    expect(file).toMatchObject({ width: 150, height: 300 });
    const { w, h, rgba } = thumbHashToRGBA(Buffer.from(file?.preview ?? "", "base64"));
    const blue = (y: number) => rgba[4 * (Math.floor(h * y) * w + Math.floor(w / 2)) + 2] ?? 0;
    expect([h / w, blue(0.25) > 2 * blue(0.75)]).toEqual([expect.closeTo(2, 0), true]);
  });

  it("as pictures are hidden until all of them is loaded, and stay as they are once they are sent", async () => {
    const [alice] = await talk();
    const release = await holdUploads(alice);
    const first = alice.page.evaluate(firstVisibility);
    await sendFiles(alice, PICTURE);
    expect(await first).toEqual(["hidden", "async"]);
    const image = alice.log.locator(".picture img");
    await image.waitFor();
    const source = await image.getAttribute("src");
    await release();
    await alice.log.getByText("Sent", { exact: true }).waitFor();
    await alice.button("Open picture sunset.webp").click();
    // By now the page has looked for the content of the message that is sent.
    await alice.page.getByRole("dialog").getByRole("img", { name: "sunset.webp" }).waitFor();
    expect(await image.getAttribute("src")).toBe(source);
  });

  it("are pasted and dropped; text that is pasted from a document stays text", async () => {
    const [alice, bob] = await talk();
    await alice.button("Attach").waitFor();
    await hand(alice, "paste", PICTURE);
    await sending(alice).getByText("sunset.png").waitFor();
    await alice.page.keyboard.press("Escape");
    await sending(alice).waitFor({ state: "detached" });
    await hand(alice, "drop", REPORT, PICTURE);
    await sending(alice).getByRole("button", { name: "Remove sunset.png" }).click();
    await alice.page.keyboard.press("Enter");
    await sending(alice).waitFor({ state: "detached" });
    expect((await received(bob, 1)).map(({ name }) => name)).toEqual(["report.pdf"]);
    const isTaken = await alice.box.evaluate((box) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData("text/plain", "A cell");
      clipboardData.setData("text/html", "<b>A cell</b>");
      clipboardData.items.add(new File(["x"], "cell.png", { type: "image/png" }));
      return !box.dispatchEvent(new ClipboardEvent("paste", { bubbles: true, cancelable: true, clipboardData }));
    });
    expect([isTaken, await sending(alice).count()]).toEqual([false, 0]);
  });

  it("go on after a reload, once, and hold up no text; other tabs see how far they are", async () => {
    const [alice, bob] = await talk();
    const release = await holdUploads(alice);
    await sendFiles(alice, PICTURE);
    await alice.page.getByRole("progressbar", { name: "Sending sunset.webp" }).waitFor();
    await alice.page.reload();
    await alice.page.getByRole("progressbar", { name: "Sending sunset.webp" }).waitFor();
    // It is seen all the same, as it is here.
    await alice.button("Open picture sunset.webp").waitFor();
    await alice.sendForSure("It is on its way");
    const tab = await alice.openTab();
    await tab.conversations.getByText("Picture").click();
    await tab.page.getByRole("progressbar", { name: "Sending sunset.webp" }).waitFor();
    await tab.page.close();
    await release();
    await alice.page.getByRole("progressbar").waitFor({ state: "detached" });
    expect(await received(bob, 1)).toHaveLength(1);
    await alice.page.reload();
    await alice.button("Open picture sunset.webp").waitFor();
    expect(await filesOf(bob)).toEqual([]);
    expect([await countIn(alice, "outbox"), await countIn(alice, "bytes")]).toEqual([0, 1]);
  });

  it("are cancelled, and leave nothing behind", async () => {
    const [alice, bob] = await talk();
    await holdUploads(alice);
    await sendFiles(alice, PICTURE, REPORT);
    await alice.button("Cancel sunset.webp").click();
    await alice.button("Cancel report.pdf").click();
    await alice.page.getByRole("progressbar").waitFor({ state: "detached" });
    await eventually(async () =>
      expect([await countIn(alice, "outbox"), await countIn(alice, "bytes")]).toEqual([0, 0]),
    );
    await alice.sendForSure("Never mind");
    expect((await takeAll(bob)).map(({ type }) => type)).toEqual(["text"]);
  });

  it("that the server refuses say why, and go out on Retry under the id that they had", async () => {
    const [alice, bob] = await talk();
    let code = "file_too_large";
    await alice.page.route("**/files", (route) =>
      route.fulfill({
        status: code === "file_too_large" ? 413 : 429,
        contentType: "application/problem+json",
        headers: { "retry-after": "7200" },
        body: problemText(code === "file_too_large" ? 413 : 429, code),
      }),
    );
    await sendFiles(alice, REPORT);
    await alice.log.getByRole("alert").filter({ hasText: "This file is too large." }).waitFor();
    const { messageId } = (await outboxOf(alice))[0] ?? {};
    code = "too_many_files";
    await alice.button("Retry").click();
    await alice.log.getByRole("alert").filter({ hasText: "Files go on in 2 h." }).waitFor();
    // Texts need no room for files.
    await alice.sendForSure("The file comes later");
    await alice.page.unroute("**/files");
    await alice.page.reload();
    await alice.page.getByRole("progressbar").waitFor({ state: "detached" });
    const all: Message[] = [];
    await eventually(async () => {
      all.push(...(await filesOf(bob)));
      expect(all.map((message) => message.messageId)).toEqual([messageId]);
    });
  });

  it("that cannot go out are told apart before, and the others go", async () => {
    const [alice, bob] = await talk();
    await alice.button("Attach").waitFor();
    await alice.box.evaluate((box) => {
      const dataTransfer = new DataTransfer();
      for (const [name, type, content] of [
        ["film.mkv", "video/x-matroska", new Uint8Array(26_214_401)],
        ["broken.png", "image/png", "no picture"],
        ["report.pdf", "application/pdf", "%PDF-1.7 nothing"],
      ] as const)
        dataTransfer.items.add(new File([content], name, { type }));
      box.dispatchEvent(new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer }));
    });
    await sending(alice).getByText("It is too large: a file has at most").waitFor();
    await sending(alice).getByRole("button", { name: "Send", exact: true }).click();
    await sending(alice).getByText("This browser cannot resize this picture.").waitFor();
    expect((await received(bob, 1)).map(({ name }) => name)).toEqual(["report.pdf"]);
    await sending(alice).getByRole("button", { name: "Remove film.mkv" }).click();
    await alice.page.keyboard.press("Enter");
    await sending(alice).waitFor({ state: "detached" });
    expect((await received(bob, 1)).map(({ name }) => name)).toEqual(["broken.png"]);
    // It is no picture here either: it can be saved.
    await alice.log.getByText("This browser cannot show it.").waitFor();
  });

  it("work by keyboard and from 320 pixels on, in both themes", async () => {
    const [alice, bob] = await talk({ viewport: { width: 320, height: 640 } });
    // The driver takes its time until it hears of it.
    const chooser = alice.page.waitForEvent("filechooser");
    await holdUploads(alice);
    await alice.button("Attach").focus();
    await alice.page.keyboard.press("Enter");
    await (await chooser).setFiles([PICTURE, { ...REPORT, name: `${"a long name ".repeat(8)}.pdf` }]);
    await sending(alice).waitFor();
    expect(await violations(alice)).toEqual([]);
    expect(await overflow(alice)).toBe(0);
    await alice.page.keyboard.press("Enter");
    await alice.page.getByRole("progressbar").first().waitFor();
    await alice.button("Attach").and(alice.page.locator(":focus")).waitFor();
    expect(await violations(alice)).toEqual([]);
    expect(await overflow(alice)).toBe(0);
    await alice.context.unrouteAll({ behavior: "ignoreErrors" });
    expect(bob.session).toBeDefined();
  });
});

/** What waits in a page's outbox. */
const outboxOf = ({ page }: Visitor): Promise<{ messageId: string }[]> =>
  page.evaluate(async () => {
    const { id } = JSON.parse(localStorage.getItem("gotalk.session.2") ?? "null") as { id: string };
    const done = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve) => {
        request.onsuccess = () => resolve(request.result);
      });
    const database = await done(indexedDB.open(`gotalk-${id}`));
    const all = await done(database.transaction("outbox").objectStore("outbox").getAll());
    database.close();
    return all;
  });
