import { createHash } from "node:crypto";
import type { CDPSession } from "playwright-core";
import { describe, expect, it, vi } from "vitest";
import type { Client, NamedFile } from "../../lib/client/index.ts";
import { eventually } from "../support/eventually.ts";
import { violations } from "../support/page/axe.ts";
import { usePage } from "../support/page/fixture.ts";
import type { VisitOptions, Visitor } from "../support/page/visitor.ts";
import { countIn, overflow } from "./support/files.ts";
import { png, sound } from "./support/pictures.ts";

/** A thumbhash of a blue picture. */
const PREVIEW = "3OcRJYB4d3h/iIeHeEh3eIhw+j2w";
const SIZE = { width: 300, height: 200 };
const NARROW = { width: 320, height: 640 };

const picture = (padding = 0): Blob => new Blob([png(SIZE.width, SIZE.height), Buffer.alloc(padding)]);

/** Sends a file, with other things in its message than are so if `wrong` says them. @returns its id */
async function sendFile(from: Client, to: string, file: Blob, said: NamedFile, wrong: object = {}): Promise<string> {
  const content = await from.uploadFile(file, { mediaType: "image/png", ...said });
  await from.send({ to, type: "file", content: JSON.stringify({ ...content, ...wrong }) });
  return content.fileId;
}

/** What the page asks the server for files, in order. */
function watchFetches({ page }: Visitor): string[] {
  const asked: string[] = [];
  page.on("request", (request) => {
    if (/\/-?files\//.test(request.url())) asked.push(request.url());
  });
  return asked;
}

describe("files that come", () => {
  const { visitor, client } = usePage();

  /** Somebody with a page, whom a friend with a client has written to. */
  async function friends(options?: VisitOptions): Promise<[alice: Visitor, bob: Client, aliceId: string]> {
    const [alice, bob] = await Promise.all([visitor("alice", options), client("bob")]);
    const { id } = await bob.find(alice.username);
    await bob.send({ to: id, type: "text", content: "Hello" });
    await alice.conversations.getByText("Hello").click();
    await alice.accept();
    return [alice, bob, id];
  }

  it("as pictures have their final size before they are here, are fetched when in sight, and kept", async () => {
    const [alice, bob, id] = await friends();
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    await alice.page.route("**/-files/**", async (route) => {
      await held;
      await route.continue();
    });
    await sendFile(bob, id, picture(), { name: "sea.png", ...SIZE, preview: PREVIEW });
    await bob.send({ to: id, type: "text", content: "Below it" });
    await alice.message("Below it").waitFor();
    const frame = alice.log.locator(".picture");
    await alice.page.getByRole("progressbar", { name: "Loading sea.png" }).waitFor();
    const places = () => Promise.all([frame, alice.message("Below it")].map((each) => each.boundingBox()));
    const before = await places();
    expect(before[0]).toMatchObject(SIZE);
    // The preview is there before the picture.
    const [, , , opacity] = await alice.log
      .locator(".picture canvas")
      .evaluate((canvas: HTMLCanvasElement) => [...(canvas.getContext("2d")?.getImageData(2, 2, 1, 1).data ?? [])]);
    expect(opacity).toBe(255);
    expect(await violations(alice)).toEqual([]);
    release();
    await alice.button("Open picture sea.png").waitFor();
    await eventually(async () =>
      expect(await alice.log.locator(".picture img").evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(
        300,
      ),
    );
    expect(await places()).toEqual(before);
    await alice.conversations.getByText("Below it").waitFor();
    await eventually(async () => expect(await countIn(alice, "files")).toBe(1));
    const asked = watchFetches(alice);
    await alice.page.reload();
    await alice.button("Open picture sea.png").waitFor();
    expect(asked).toEqual([]);
  });

  it("that are large wait for a press, and one that is under way is stopped", async () => {
    const [alice, bob, id] = await friends();
    const asked = watchFetches(alice);
    await sendFile(bob, id, picture(3_100_000), { name: "large.png", ...SIZE });
    await alice.button(/^Load picture, 3\.\d MB$/).waitFor();
    expect(asked).toEqual([]);
    await alice.page.route("**/-files/**", () => undefined);
    await alice.button(/^Load picture, 3\.\d MB$/).click();
    await alice.button("Stop loading large.png").click();
    await alice.page.unroute("**/-files/**");
    await alice.button(/^Load picture, 3\.\d MB$/).click();
    await alice.button("Open picture large.png").waitFor();
  });

  it("of a stranger are not fetched before they are accepted, nor shown as a preview", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
    const { id } = await bob.find(alice.username);
    const asked = watchFetches(alice);
    await sendFile(bob, id, picture(), { name: "sea.png", ...SIZE, preview: PREVIEW });
    await sendFile(bob, id, new Blob(["x"]), { name: "notes.txt", mediaType: "text/plain" });
    await alice.conversations.getByText("File: notes.txt").click();
    await alice.log.getByText("Accept the request to load this.").waitFor();
    expect(await alice.button(/^Save notes.txt/).isDisabled()).toBe(true);
    expect([asked, await alice.log.locator(".picture canvas").count()]).toEqual([[], 0]);
    expect(await violations(alice)).toEqual([]);
    await alice.accept();
    await alice.button("Open picture sea.png").waitFor();
  });

  it("that a browser would run are only ever saved, whatever they are said to be", async () => {
    const [alice, bob, id] = await friends();
    const svg = "<svg xmlns='http://www.w3.org/2000/svg'><script>document.title = 'run'</script></svg>";
    const html = "<script>document.title = 'run'</script>";
    await sendFile(bob, id, new Blob([svg]), { name: "drawing.svg", mediaType: "image/svg+xml", ...SIZE });
    await sendFile(bob, id, new Blob([html]), { name: "page.html", mediaType: "text/html" });
    await sendFile(bob, id, new Blob([html]), { name: "fake.png", mediaType: "image/png", ...SIZE });
    await sendFile(bob, id, new Blob([svg]), { name: "cheat\u202egpj.exe", mediaType: "image/SVG+XML ; q=1" });
    await alice.log.getByText("This browser cannot show it. You can save it.").waitFor();
    for (const name of ["drawing.svg", "page.html", "fake.png", "cheat_gpj.exe"]) {
      const [download] = await Promise.all([
        alice.page.waitForEvent("download"),
        alice.button(new RegExp(`^Save ${name}`)).click(),
      ]);
      expect(download.suggestedFilename()).toBe(name);
    }
    expect(await alice.log.locator("img, iframe, object, embed").count()).toBe(0);
    expect(await alice.page.title()).toBe("goTalk");
  });

  it("that are gone, damaged or unreadable are said to be just that", async () => {
    const [alice, bob, id] = await friends();
    const sha256 = createHash("sha256").update("other").digest("base64");
    await sendFile(bob, id, picture(), { name: "gone.png", ...SIZE }, { fileId: "A".repeat(22) });
    await alice.log.getByText("This file is no longer on the server. Ask the sender to send it again.").waitFor();
    await sendFile(bob, id, picture(), { name: "damaged.png", ...SIZE }, { sha256 });
    await alice.log.getByText("This file is damaged: it is not what was sent.").waitFor();
    await bob.send({ to: id, type: "file", content: JSON.stringify({ name: "lost.txt", bytes: 1 }) });
    await alice.log.getByText("This file cannot be read: its message is damaged.").waitFor();
    expect(await violations(alice)).toEqual([]);
  });

  it("as sounds and videos play here, and can be saved", async () => {
    const [alice, bob, id] = await friends();
    await sendFile(bob, id, new Blob([sound(0.2)]), { name: "ping.wav", mediaType: "audio/wav", duration: 61 });
    const play = alice.button(/^Play ping.wav, Sound, 1:01, /);
    await play.waitFor();
    expect(await violations(alice)).toEqual([]);
    await play.click();
    const player = alice.log.locator("audio");
    await player.waitFor();
    expect(await player.evaluate((audio: HTMLAudioElement) => [audio.controls, audio.src.slice(0, 5)])).toEqual([
      true,
      "blob:",
    ]);
    await alice.button("Save ping.wav").waitFor();
    await sendFile(bob, id, new Blob(["no film"]), { name: "film.mp4", mediaType: "video/mp4", ...SIZE });
    await alice.button(/^Play film.mp4/).click();
    await alice.log.getByText("This browser cannot show it. You can save it.").waitFor();
  });

  it("are opened large by a click or Enter, and gone through by keys; Escape gives the focus back", async () => {
    const [alice, bob, id] = await friends();
    for (const name of ["one.png", "two.png"]) await sendFile(bob, id, picture(), { name, ...SIZE });
    await alice.button("Open picture two.png").waitFor();
    await alice.button("Open picture one.png").focus();
    await alice.page.keyboard.press("Enter");
    const viewer = (name: string) => alice.page.getByRole("dialog", { name: `Picture ${name}` });
    await viewer("one.png").getByText("1 of 2").waitFor();
    expect(await violations(alice)).toEqual([]);
    await alice.page.keyboard.press("ArrowRight");
    await viewer("two.png").getByText("2 of 2").waitFor();
    await alice.page.keyboard.press("ArrowRight");
    const image = viewer("two.png").getByRole("img", { name: "two.png" });
    const scale = () => image.evaluate((element) => new DOMMatrix(getComputedStyle(element).transform).a);
    await alice.page.keyboard.press("+");
    await eventually(async () => expect(await scale()).toBeGreaterThan(1.2));
    await alice.page.keyboard.press("0");
    await eventually(async () => expect(await scale()).toBe(1));
    await image.dblclick();
    await eventually(async () => expect(await scale()).toBe(2.5));
    const [download] = await Promise.all([
      alice.page.waitForEvent("download"),
      viewer("two.png").getByRole("button", { name: "Save" }).click(),
    ]);
    expect(download.suggestedFilename()).toBe("two.png");
    await alice.page.keyboard.press("ArrowLeft");
    await viewer("one.png").waitFor();
    await alice.page.keyboard.press("Escape");
    await viewer("one.png").waitFor({ state: "detached" });
    expect(await alice.page.evaluate(() => document.activeElement?.closest("[role=log]") !== null)).toBe(true);
    expect(await alice.page.evaluate(() => document.activeElement === document.body)).toBe(false);
  });

  it("are gone through by swipes, and zoomed by a pinch and by two taps", async () => {
    const [alice, bob, id] = await friends({ viewport: NARROW, hasTouch: true, isMobile: true });
    for (const name of ["one.png", "two.png"]) await sendFile(bob, id, picture(), { name, ...SIZE });
    await alice.button("Open picture two.png").waitFor();
    const [frame, bubble] = await Promise.all(
      [".picture", ".bubble:has(.picture)"].map((part) => alice.log.locator(part).last().boundingBox()),
    );
    expect(frame?.x).toBeGreaterThan(bubble?.x ?? 320);
    await alice.button("Open picture two.png").tap();
    const viewer = (name: string) => alice.page.getByRole("dialog", { name: `Picture ${name}` });
    await viewer("two.png").waitFor();
    expect(await overflow(alice)).toBe(0);
    const touch = await touching(alice);
    await touch.swipe([80, 300], [260, 310]);
    await viewer("one.png").waitFor();
    const scale = () =>
      viewer("one.png")
        .getByRole("img")
        .evaluate((element) => new DOMMatrix(getComputedStyle(element).transform).a);
    await touch.pinch([160, 320], 40, 120);
    await eventually(async () => expect(await scale()).toBeGreaterThan(2));
    // It moves the picture, which is larger than the window, and swipes no more.
    await touch.swipe([260, 300], [80, 310]);
    await viewer("one.png").waitFor();
    // On a busy machine the second tap may come too late for a double one.
    await eventually(async () => {
      if ((await scale()) === 1) return;
      await touch.tap([160, 320]);
      await touch.tap([160, 320]);
      await vi.waitFor(async () => expect(await scale()).toBe(1), 5_000);
    });
    await touch.swipe([160, 250], [165, 450]);
    await viewer("one.png").waitFor({ state: "detached" });
  });

  it("that are kept have a bound that is shown, and can be removed", async () => {
    const [alice, bob, id] = await friends();
    await sendFile(bob, id, picture(), { name: "sea.png", ...SIZE });
    await alice.button("Open picture sea.png").waitFor();
    await eventually(async () => expect(await countIn(alice, "files")).toBe(1));
    await alice.button(/Account/).click();
    await alice.button("Files on this device").click();
    const dialog = alice.page.getByRole("dialog", { name: "Files on this device" });
    await dialog.getByText(/^1 file, .+ of 200 MB\.$/).waitFor();
    expect(await violations(alice)).toEqual([]);
    await dialog.getByRole("button", { name: "Remove the files from this device" }).click();
    await dialog.getByText("No files are kept.").waitFor();
    expect([await countIn(alice, "files"), await countIn(alice, "bytes")]).toEqual([0, 0]);
    await alice.page.keyboard.press("Escape");
    await alice.page.reload();
    // It is fetched again.
    await alice.button("Open picture sea.png").waitFor();
  });

  it("of a message that is deleted are removed from this device", async () => {
    const [alice, bob, id] = await friends();
    await sendFile(bob, id, picture(), { name: "sea.png", ...SIZE });
    await alice.button("Open picture sea.png").waitFor();
    await eventually(async () => expect(await countIn(alice, "bytes")).toBe(1));
    const [line] = await alice.log
      .getByRole("article")
      .filter({ has: alice.page.locator(".picture") })
      .all();
    await line?.focus();
    await alice.log.getByRole("button", { name: "Delete", exact: true }).click();
    const dialog = alice.page.getByRole("dialog", { name: "Delete message" });
    await dialog.getByRole("button", { name: /here|this device/ }).click();
    await alice.button("Open picture sea.png").waitFor({ state: "detached" });
    await eventually(async () =>
      expect([await countIn(alice, "files"), await countIn(alice, "bytes")]).toEqual([0, 0]),
    );
  });

  it("are quoted and replied to in words", async () => {
    const [alice, bob, id] = await friends();
    await sendFile(bob, id, picture(), { name: "sea.png", ...SIZE });
    await alice.button("Open picture sea.png").waitFor();
    await alice.log
      .getByRole("article")
      .filter({ has: alice.page.locator(".picture") })
      .focus();
    await alice.log.getByRole("button", { name: "Reply", exact: true }).click();
    await alice.page.locator(".reply-bar").getByText("Picture").waitFor();
    await alice.sendForSure("Beautiful");
    await alice.message("Beautiful").getByRole("button", { name: "Picture" }).waitFor();
  });
});

type Place = readonly [x: number, y: number];

/** Fingers on the screen. */
async function touching({ page }: Visitor) {
  const session: CDPSession = await page.context().newCDPSession(page);
  const send = (type: "touchStart" | "touchMove" | "touchEnd", ...places: Place[]) =>
    session.send("Input.dispatchTouchEvent", { type, touchPoints: places.map(([x, y], id) => ({ x, y, id })) });
  const between = ([ax, ay]: Place, [bx, by]: Place, part: number): Place => [
    ax + (bx - ax) * part,
    ay + (by - ay) * part,
  ];
  return {
    async tap(at: Place) {
      await send("touchStart", at);
      await send("touchEnd");
    },
    async swipe(from: Place, to: Place) {
      await send("touchStart", from);
      for (const part of [0.3, 0.7, 1]) await send("touchMove", between(from, to, part));
      await send("touchEnd");
    },
    /** Two fingers that are `from` and then `to` pixels from the middle between them. */
    async pinch([x, y]: Place, from: number, to: number) {
      const apart = (pixels: number): Place[] => [
        [x - pixels, y],
        [x + pixels, y],
      ];
      await send("touchStart", ...apart(from));
      for (const part of [0.5, 1]) await send("touchMove", ...apart(from + (to - from) * part));
      await send("touchEnd");
    },
  };
}
