/**
 * Takes pictures of the page as it runs: `node tests/page/screenshots.ts` makes those in `docs/`;
 * with `--all FOLDER` it makes every state at every width in both themes, to be looked at.
 */
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Browser, ViewportSize } from "playwright-core";
import { Client, type NamedFile } from "../../lib/client/index.ts";
import { startBrowser } from "../support/page/browser.ts";
import { cutOff } from "../support/page/cut-off.ts";
import { Visitor } from "../support/page/visitor.ts";
import { problemText } from "../support/problem-text.ts";
import { startStack } from "../support/stack.ts";
import { png, sound } from "./support/pictures.ts";

const PASSWORD = "correct horse battery staple";
const THEMES = ["light", "dark"] as const;
const SIZES = {
  phone: { width: 320, height: 640 },
  tablet: { width: 768, height: 900 },
  desk: { width: 1_440, height: 900 },
};
const DOCUMENT_SIZES = { phone: { width: 390, height: 720 }, desk: { width: 1_080, height: 720 } };
const DOCS = fileURLToPath(new URL("../../docs/", import.meta.url));

const TALK: readonly (readonly ["maya" | "jonas", string])[] = [
  ["jonas", "Morning! Did the train get you home all right last night?"],
  ["maya", "It did, eventually. Forty minutes in a tunnel, and not one bar of signal."],
  ["maya", "I wrote to you from in there, by the way. It all went out by itself when we came up again."],
  ["jonas", "That explains the six messages at once. Every one of them just once, and in order!"],
  ["jonas", "Lunch on Thursday? There is a new place by the canal: https://example.com/canal-kitchen"],
  ["maya", "Gladly. Half past twelve?"],
  ["jonas", "Perfect.\nI’ll bring the photographs."],
];

type Sizes = Readonly<Record<string, ViewportSize>>;

interface Contact {
  readonly client: Client;
  readonly id: string;
}

async function newContact(url: string, username: string): Promise<Contact> {
  const client = new Client({ url, live: false });
  const { id } = await client.register({ username, password: PASSWORD });
  await client.login({ username, password: PASSWORD });
  return { client, id };
}

async function visit(browser: Browser, url: string, username: string): Promise<Visitor> {
  const context = await browser.newContext({ serviceWorkers: "block", deviceScaleFactor: 1 });
  const visitor = new Visitor(context, await context.newPage(), url, username, PASSWORD);
  await visitor.page.goto(url);
  return visitor;
}

/** Takes a picture at each size in each theme. */
async function shoot(visitor: Visitor, folder: string, name: string, sizes: Sizes = SIZES): Promise<void> {
  for (const colorScheme of THEMES) {
    await visitor.page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    for (const [size, viewport] of Object.entries(sizes)) {
      await visitor.page.setViewportSize(viewport);
      await visitor.page.evaluate(
        () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 100))),
      );
      await visitor.page.screenshot({ path: `${folder}/${name}-${size}-${colorScheme}.png` });
    }
  }
}

/** A conversation between the two, and two others that wait. */
async function talk(maya: Visitor, url: string): Promise<Contact> {
  const [jonas, lena, amir] = await Promise.all([
    newContact(url, "jonas"),
    newContact(url, "lena"),
    newContact(url, "amir"),
  ]);
  const { id } = await jonas.client.find("maya");
  await lena.client.send({ to: id, content: "The tickets are booked, all four of them." });
  await maya.conversations.getByText("tickets").click();
  await maya.sendForSure("You are a star. Thank you!");
  await maya.talkTo("jonas");
  for (const [who, text] of TALK) {
    if (who === "maya") await maya.sendForSure(text);
    else {
      await jonas.client.send({ to: id, content: text });
      await maya.message(text).waitFor();
    }
  }
  for (const content of ["Are you still looking for a bicycle?", "My neighbour sells his."]) {
    await amir.client.send({ to: id, content });
  }
  await maya.conversations.getByText("2 unread").waitFor();
  await maya.box.blur();
  await maya.page.mouse.move(0, 0);
  return jonas;
}

async function everyState(maya: Visitor, url: string, folder: string): Promise<void> {
  await maya.button("Log in").waitFor();
  await shoot(maya, folder, "1-login");
  await maya.fillIn();
  await maya.button("Register").click();
  await maya.connected();
  await shoot(maya, folder, "2-empty");
  await maya.to.fill("nobody");
  await maya.to.press("Enter");
  await maya.page.getByRole("alert").waitFor();
  await shoot(maya, folder, "3-unknown");
  await maya.to.fill("");
  const jonas = await talk(maya, url);
  await shoot(maya, folder, "4-busy");
  await maya.page.setViewportSize(SIZES.desk);
  await maya.button(/Account/).click();
  await shoot(maya, folder, "5-menu");
  await maya.page.keyboard.press("Escape");
  await everyDialog(maya, folder);
  await everyFile(maya, jonas, folder);
  await maya.log.evaluate((log) => log.scrollTo(0, 0));
  for (let index = 0; index < 3; index++) await jonas.client.send({ to: jonas.id, content: "to myself" });
  await maya.page.route("**/send", (route) =>
    route.fulfill({ status: 403, contentType: "application/problem+json", body: problemText(403, "forbidden") }),
  );
  for (const text of ["This one did not go out.", "Nor did this one, which is a little longer than the other."]) {
    await maya.send(text);
    await maya.message(text).getByText("Failed").waitFor();
  }
  await shoot(maya, folder, "6-failing");
  const restore = await cutOff(maya.page, "**/sync");
  await maya.page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
  await maya.button("Retry now").waitFor();
  await shoot(maya, folder, "7-reconnecting");
  restore();
  await maya.context.setOffline(true);
  await maya.send("Written in the tunnel");
  await maya.message("Written in the tunnel").getByText("Waiting for the network").waitFor();
  await shoot(maya, folder, "8-offline");
  await maya.page.setViewportSize(SIZES.phone);
  await maya.button("Back").click();
  await shoot(maya, folder, "9-list");
}

/** Pictures and files that came and that go out, the dialog before, and a picture that is opened. */
async function everyFile(maya: Visitor, jonas: Contact, folder: string): Promise<void> {
  const { id: to } = await jonas.client.find("maya");
  const blob = (bytes: Uint8Array<ArrayBuffer>, type: string) => new Blob([bytes], { type });
  const sea = { name: "sea.png", width: 900, height: 600, preview: "3OcRJYB4d3h/iIeHeEh3eIhw+j2w" };
  const send = (file: Blob, said: NamedFile) => jonas.client.sendFile({ to, file, ...said });
  await send(blob(png(900, 600), "image/png"), sea);
  await send(blob(png(400, 700), "image/png"), { name: "tower.png", width: 400, height: 700 });
  await maya.button("Open picture tower.png").waitFor();
  await shoot(maya, folder, "5-pictures");
  await send(new Blob([png(900, 600), new Uint8Array(4_000_000)]), {
    ...sea,
    mediaType: "image/png",
    name: "large.png",
  });
  await send(blob(sound(3), "audio/wav"), { name: "birds at dawn.wav", duration: 3 });
  await send(new Blob(["x"], { type: "application/pdf" }), {
    name: "Tickets for all four of us, and for the bicycles.pdf",
  });
  await maya.button(/^Save Tickets/).waitFor();
  await shoot(maya, folder, "5-files");
  await maya.button(/^Play birds/).click();
  await maya.log.locator("audio").waitFor();
  await everyVoice(maya, folder);
  await maya.page.route("**/-files/**", () => undefined);
  await maya.page.getByLabel("Files", { exact: true }).setInputFiles([
    { name: "canal.png", mimeType: "image/png", buffer: png(1_200, 800) },
    { name: "route.gpx", mimeType: "application/gpx+xml", buffer: Buffer.alloc(80_000) },
  ]);
  const dialog = maya.page.getByRole("dialog", { name: /^Send/ });
  await dialog.waitFor();
  await shoot(maya, folder, "5-sending");
  await dialog.getByRole("button", { name: "Send" }).click();
  await maya.page.getByRole("progressbar").nth(1).waitFor();
  await shoot(maya, folder, "5-uploading");
  await maya.button("Open picture canal.webp").click();
  await maya.page.getByRole("dialog", { name: "Picture canal.webp" }).waitFor();
  await shoot(maya, folder, "5-viewer");
  await maya.page.keyboard.press("Escape");
  await maya.page.unrouteAll({ behavior: "ignoreErrors" });
  for (const name of ["Cancel canal.webp", "Cancel route.gpx"]) await maya.button(name).click();
}

/** A voice message while it is recorded, before it is sent, and while it is heard. */
async function everyVoice(maya: Visitor, folder: string): Promise<void> {
  await maya.button("Record a voice message").click();
  await maya.page.getByRole("timer").filter({ hasText: "0:03" }).waitFor();
  await shoot(maya, folder, "5-recording");
  await maya.button("Stop and listen").click();
  await maya.button(/^Play voice message/).waitFor();
  await shoot(maya, folder, "5-recorded");
  await maya.button("Send").click();
  await maya.button(/^Play voice message/).click();
  await maya.button("Pause voice message").click();
  await shoot(maya, folder, "5-voice");
}

async function everyDialog(maya: Visitor, folder: string): Promise<void> {
  const elsewhere = await maya.elsewhere();
  await elsewhere.block((await elsewhere.find("lena")).id);
  for (const name of [
    "Devices",
    "Change password",
    "Blocked people",
    "Files on this device",
    "Bring history to another device",
    "Bring history from another device",
    "Export history",
    "Import history",
    "Log out and erase this device",
    "Delete account",
  ]) {
    await maya.page.setViewportSize(SIZES.desk);
    await maya.button(/Account/).click();
    await maya.button(name).click();
    const dialog = maya.page.getByRole("dialog", { name });
    await dialog.waitFor();
    const list = dialog.getByRole("listitem").first();
    if (name === "Devices" || name === "Blocked people") await list.waitFor();
    await shoot(maya, folder, `5-${name.toLowerCase().replaceAll(" ", "-")}`);
    await maya.page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
  }
}

async function forReadme(maya: Visitor, url: string): Promise<void> {
  await maya.fillIn();
  await maya.button("Register").click();
  await maya.connected();
  await talk(maya, url);
  await shoot(maya, DOCS, "page", DOCUMENT_SIZES);
}

const { values } = parseArgs({ options: { all: { type: "string" } } });
const [stack, browser] = await Promise.all([startStack(), startBrowser()]);
try {
  mkdirSync(values.all ?? DOCS, { recursive: true });
  const maya = await visit(browser, stack.url, "maya");
  if (values.all === undefined) await forReadme(maya, stack.url);
  else await everyState(maya, stack.url, values.all);
} finally {
  await browser.close();
  await stack.stop();
}
