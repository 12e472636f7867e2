import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Client } from "../../lib/client/index.ts";
import { deviceOf } from "../../static/src/text/devices.ts";
import { eventually } from "../support/eventually.ts";
import { type NetworkSwitch, startSwitch } from "../support/page/switch.ts";
import { receives } from "../support/receiving.ts";
import { type SharedStack, sharedStack } from "../support/shared/index.ts";
import type { Browser, Window } from "./engines/engine.ts";
import { EngineVisitor } from "./engines/engine-visitor.ts";
import { firefox } from "./engines/firefox.ts";
import { webkit } from "./engines/webkit.ts";

const ENGINES = [firefox, webkit];
const SIZES = { desk: [1_080, 720], phone: [450, 720] } as const;
const DIALOGS = [
  "Notifications",
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
] as const;
/** Their first field has the focus. */
const WITH_FIELD = new Set<string>([
  "Bring history from another device",
  "Change password",
  "Import history",
  "Delete account",
]);

for (const { name, missing } of ENGINES) {
  if (missing !== undefined)
    console.warn(`Skipped: the stories of the page in ${name}. Install ${missing} to run them.`);
}

/** How an open dialog or menu lies: in the window, its parts as high as they need be, and one right below the other. */
function layoutOf(selector: string): { isInside: boolean; stretched: number[]; gaps: number[]; below: number } {
  const box = [...document.querySelectorAll<HTMLElement>(selector)].find((each) => each.checkVisibility());
  if (box === undefined) throw new Error(`${selector} is not open.`);
  const { top, left, right, bottom } = box.getBoundingClientRect();
  const shown = [...box.children].filter((part): part is HTMLElement => part.checkVisibility());
  const parts = shown.map((part) => part.getBoundingClientRect());
  const stretched = shown.map((part, index) => {
    part.style.alignSelf = "start";
    const { height } = part.getBoundingClientRect();
    part.style.alignSelf = "";
    return Math.round((parts[index]?.height ?? 0) - height);
  });
  return {
    isInside: top >= 0 && left >= 0 && right <= innerWidth && bottom <= innerHeight,
    stretched,
    gaps: parts.slice(1).map((part, index) => Math.round(part.top - (parts[index]?.bottom ?? 0))),
    below: Math.round(box.scrollHeight - box.clientHeight === 0 ? bottom - (parts.at(-1)?.bottom ?? 0) : 0),
  };
}

/** How the picker of emoji lies: the height of the row of groups, and how many emoji can be pressed. Runs in the page. */
function pickerLayout(): { groups: number; shown: number; overlap: number } {
  const [groups, frame] = [".emoji-groups", ".emoji-frame"].map((part) =>
    document.querySelector(part)?.getBoundingClientRect(),
  );
  const shown = [...document.querySelectorAll("[data-emoji]")].filter((emoji) => {
    const { x, y, width, height } = emoji.getBoundingClientRect();
    return document.elementFromPoint(x + width / 2, y + height / 2) === emoji;
  });
  return {
    groups: groups?.height ?? 0,
    shown: shown.length,
    overlap: (groups?.bottom ?? 0) - (frame?.top ?? 0),
  };
}

/** Lets no wait of a random length end by itself from now on: the page comes back only when it is told to. */
function holdWaits(): undefined {
  const original = setTimeout;
  globalThis.setTimeout = ((work: () => void, milliseconds = 0) =>
    Number.isInteger(milliseconds) ? original(work, milliseconds) : 0) as typeof setTimeout;
}

async function expectTidy(window: Window, selector: string): Promise<void> {
  await eventually(async () => {
    const { isInside, stretched, gaps, below } = await window.run(layoutOf, selector);
    expect(isInside).toBe(true);
    expect(stretched.filter((pixels) => pixels !== 0)).toEqual([]);
    // As the styles say: 1 rem between the parts, and 1 to 1.25 rem around them, with the border.
    expect(gaps.filter((gap) => gap !== 16)).toEqual([]);
    expect(below).toBeLessThanOrEqual(21);
  });
}

/** Closes the open dialog, and waits until it is gone: what is behind it cannot be clicked before. */
async function closeDialog(window: Window): Promise<void> {
  const isOpen = () => window.run(() => document.querySelector("dialog") !== null);
  // The driver of WebKit loses a key at times, right after a dialog has opened.
  await eventually(async () => {
    if (await isOpen()) await window.press("Escape");
    expect(await isOpen()).toBe(false);
  });
}

/** Keeps what a page saves from now on. Not every driver tells where a browser puts it. */
const keepSaved = (window: Window): Promise<boolean> =>
  window.run(() => {
    const original = URL.createObjectURL;
    URL.createObjectURL = (file: Blob) => {
      void file.text().then((text) => Reflect.set(globalThis, "saved", text));
      return original(file);
    };
    return true;
  });

async function savedText(window: Window): Promise<string> {
  const read = (): Promise<string> => window.run(() => String(Reflect.get(globalThis, "saved") ?? ""));
  await eventually(async () => expect(await read()).not.toBe(""));
  return read();
}

/** Chooses a file in the open dialog, as a person does in the window of the system. Runs in the page. */
function chooseFile(text: string): boolean {
  const chosen = new DataTransfer();
  chosen.items.add(new File([text], "history.jsonl"));
  const field = document.querySelector<HTMLInputElement>("dialog input[type=file]");
  if (field === null) throw new Error("There is no field for a file.");
  field.files = chosen.files;
  return true;
}

/** Drops a picture on the open conversation. Runs in the page. */
function dropPicture(): boolean {
  const canvas = Object.assign(document.createElement("canvas"), { width: 3_000, height: 2_000 });
  const context = canvas.getContext("2d");
  if (context === null) throw new Error("There is no canvas.");
  context.fillStyle = "#37598f";
  context.fillRect(0, 0, 3_000, 1_000);
  const [, text = ""] = canvas.toDataURL("image/jpeg").split(",");
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([bytes], "sea.jpg", { type: "image/jpeg" }));
  const event = new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer });
  return document.querySelector(".pane textarea")?.dispatchEvent(event) ?? true;
}

/** The pictures that are drawn in the log, by their widths. Runs in the page. */
const pictures = (): number[] =>
  [...document.querySelectorAll<HTMLImageElement>("[role=log] .picture img")].map(({ naturalWidth }) => naturalWidth);

/** Sends what is chosen as a file. Runs in the page. */
function sendAsFile(): boolean {
  document.querySelector<HTMLElement>("dialog input[type=checkbox]")?.click();
  document.querySelector<HTMLElement>("dialog button.primary")?.click();
  return true;
}

/** Whether the pictures in the log have previews. Runs in the page. */
const previews = (): boolean[] =>
  [...document.querySelectorAll("[role=log] .picture")].map(
    (picture) => (picture.querySelector("canvas")?.width ?? 0) > 1,
  );

/** Opens all emoji for the first message, whose quick reactions may still be there. */
async function openPicker(visitor: EngineVisitor): Promise<void> {
  const names = (): Promise<string[]> =>
    visitor.window.run(() =>
      [...document.querySelectorAll(".actions-bar button")].map((one) => one.ariaLabel ?? one.textContent ?? ""),
    );
  // A driver clicks where the message was when it looked, and a message that comes moves the others.
  await eventually(async () => {
    if ((await names()).length === 0)
      await visitor.window.click(() => document.querySelector("article") ?? document.body);
    expect(await names()).not.toEqual([]);
  });
  if ((await names()).includes("React")) await visitor.click("React");
  await visitor.click("More");
}

describe.each(ENGINES)("in $name", ({ name, missing, start }) => {
  // Each story starts browsers of its own.
  describe.skipIf(missing !== undefined)("people", () => {
    let stack: SharedStack | undefined;
    let browser: Browser | undefined;
    let network: NetworkSwitch | undefined;

    beforeAll(async () => {
      stack = await sharedStack();
      network = await startSwitch(stack.url);
      browser = await start();
    });
    afterAll(async () => {
      await browser?.stop();
      await network?.close();
    });

    const stranger = async (name: string): Promise<EngineVisitor> => {
      if (browser === undefined || network === undefined) throw new Error("The browser has not been started.");
      return new EngineVisitor(await browser.newWindow(), network.url, name);
    };
    const visitor = async (name: string): Promise<EngineVisitor> => {
      const someone = await stranger(name);
      await someone.register();
      return someone;
    };
    const client = async (): Promise<Client> => {
      const someone = new Client({ url: stack?.url ?? "", live: false });
      const credentials = { username: `bob-${crypto.randomUUID().slice(0, 8)}`, password: crypto.randomUUID() };
      await someone.register(credentials);
      await someone.login(credentials);
      return someone;
    };

    it("register, talk to each other live, log out, and find it all again when they log in", async () => {
      const [alice, bob] = [await visitor("alice"), await visitor("bob")];
      await alice.talkTo(bob.username);
      await alice.send("Hello, Bob!");
      await bob.openConversation("Hello, Bob!");
      await bob.send("Hello, Alice!");
      await eventually(async () => expect(await alice.messages()).toEqual(["Hello, Bob!", "Hello, Alice!"]));
      await eventually(async () => expect(await bob.messages()).toEqual(["Hello, Bob!", "Hello, Alice!"]));
      // Live, and not by asking: the page says so where it has to ask.
      expect(await alice.window.run(() => document.querySelector(".connection")?.hasAttribute("title"))).toBe(false);
      await alice.click("Log out");
      await alice.logIn();
      await alice.openConversation("Hello, Alice!");
      await eventually(async () => expect(await alice.messages()).toEqual(["Hello, Bob!", "Hello, Alice!"]));
    });

    it("have the same conversation on two devices, though one was offline, and remove one of them", async () => {
      const [alice, bob] = [await visitor("alice"), await client()];
      if (browser === undefined) throw new Error("The browser has not been started.");
      // The network of this one stays.
      const phone = new EngineVisitor(await browser.newWindow(), stack?.url ?? "", "alice", alice);
      await phone.window.open(phone.url);
      await phone.logIn();
      await phone.sees("This device begins here");
      await alice.talkTo(bob.session?.username ?? "");
      await alice.send("From the first");
      await phone.openConversation("From the first");
      await phone.sees("Sent");
      network?.turn(false);
      try {
        await alice.send("In the tunnel");
        await alice.sees("Not sent yet");
        await phone.send("From the second");
        await eventually(async () => expect(await phone.messages()).toContain("From the second"));
        await bob.send({ to: (await bob.find(alice.username)).id, content: "From Bob" });
        await eventually(async () => expect(await phone.messages()).toContain("From Bob"));
      } finally {
        network?.turn(true);
      }
      // The page may have come back by itself by now: then the button is gone.
      await alice.click("Retry now").catch(() => undefined);
      const all = ["From the first", "From the second", "From Bob", "In the tunnel"];
      await eventually(async () => expect(await phone.messages()).toEqual(all));
      await eventually(async () => expect(await alice.messages()).toEqual(all));
      const name = deviceOf(await phone.window.run(() => navigator.userAgent));
      await alice.openMenu();
      await alice.click("Devices");
      await alice.click(`Remove ${name}`);
      await alice.click("Remove it");
      await phone.sees("this device was removed");
      // The name is there already.
      await phone.write("Password", phone.password);
      await phone.click("Log in");
      await phone.sees("Messages that you miss here");
      await eventually(async () => expect(await phone.messages()).toEqual(all));
    });

    it("accept a stranger's request, and see who is typing and how far their messages have come", async () => {
      const [alice, bob] = [await visitor("alice"), await visitor("bob")];
      const ticks = ({ window }: EngineVisitor) =>
        window.run(() => [...document.querySelectorAll<HTMLElement>(".ticks")].map((one) => one.dataset["tick"] ?? ""));
      await alice.talkTo(bob.username);
      await alice.send("Hello, Bob!");
      await bob.sees("Request");
      await bob.openConversation("Hello, Bob!");
      await bob.sees(`You do not know ${alice.username} yet.`);
      await eventually(async () => expect(await ticks(alice)).toEqual(["sent"]));
      await bob.click("Accept");
      await eventually(async () => expect(await ticks(alice)).toEqual(["read"]));
      // What one key causes lasts for seconds, and an engine may be slower.
      await eventually(async () => {
        await bob.window.type("la ");
        expect(await alice.window.run(() => document.querySelector(".subtitle")?.textContent)).toBe("typing…");
      });
      await bob.window.press("Enter");
      await eventually(async () => expect(await ticks(bob)).toEqual(["read"]));
    });

    it("make a group, talk in it with a mention, join it by a link, and leave it", async () => {
      const [alice, bob, carol] = [await visitor("alice"), await client(), await visitor("carol")];
      const name = bob.session?.username ?? "";
      await alice.click("New group");
      await alice.write("Name of the group", "Tea");
      await alice.write("Add a member", name);
      await alice.click("Add");
      await alice.sees("2 members, with you.");
      await alice.click("Make the group");
      await alice.sees("You made the group “Tea”");
      const [{ groupId } = { groupId: "" }] = await bob.groups();
      await bob.send({ to: groupId, type: "text", content: `Hello @${alice.username}` });
      await alice.sees(`Hello @${alice.username}`);
      await alice.write("Message", "Hi @b");
      const isOffered = () => alice.window.run(() => document.querySelector("[role=option]") !== null);
      await eventually(async () => expect(await isOffered()).toBe(true));
      await alice.window.press("Enter");
      await eventually(async () => expect(await alice.draft()).toBe(`Hi @${name} `));
      await alice.window.press("Enter");
      const all = [`Hello @${alice.username}`, `Hi @${name} `];
      await eventually(async () => expect(await alice.messages()).toEqual(all));
      await alice.chooseInMenu("Group info");
      await alice.click("Make an invite link");
      await alice.sees("Everybody who has the link can join");
      await alice.click("QR code");
      await eventually(async () => {
        expect(await alice.window.run(() => document.querySelector(".qr-code path") !== null)).toBe(true);
      });
      await carol.window.open(
        await alice.window.run(() => document.querySelector<HTMLInputElement>("input[readonly]")?.value ?? ""),
      );
      await carol.sees("The link calls it “Tea”.");
      await carol.click("Join");
      await carol.sees("You joined by the invite link");
      await closeDialog(alice.window);
      await alice.sees(`${carol.username} joined by the invite link`);
      await alice.chooseInMenu("Leave group");
      await alice.click("Leave it");
      await alice.sees("You have left this group.");
      await carol.sees(`${alice.username} left. ${name} became an admin`);
    });

    it("send a picture, and see it large, also after a reload", async () => {
      const [alice, bob] = [await visitor("alice"), await visitor("bob")];
      await alice.talkTo(bob.username);
      await eventually(async () =>
        expect(await alice.window.run(() => document.querySelector(".attach") !== null)).toBe(true),
      );
      await alice.window.run(dropPicture);
      await alice.sees("Send 1 file to");
      // The windows of WebKit's drivers are private, as far as it goes: no Blob is stored there.
      await alice.window.press("Enter");
      await bob.openConversation("Picture");
      await bob.sees("Accept the request to load this.");
      await bob.click("Accept");
      for (const someone of [alice, bob])
        await eventually(async () => expect(await someone.window.run(pictures)).toEqual([2_048]));
      await alice.window.run(dropPicture);
      await alice.sees("Send 1 file to");
      await alice.window.run(sendAsFile);
      for (const someone of [alice, bob])
        await eventually(async () => expect(await someone.window.run(pictures)).toEqual([2_048, 3_000]));
      // Each has a preview, though they are made in different ways.
      await eventually(async () => expect(await bob.window.run(previews)).toEqual([true, true]));
      await bob.window.open(bob.url);
      await bob.openConversation("Picture");
      await eventually(async () => expect(await bob.window.run(pictures)).toEqual([2_048, 3_000]));
      await bob.window.click(() => document.querySelector(".picture .cover") ?? document.body);
      const seen = (): string => document.querySelector("dialog.viewer img")?.getAttribute("alt") ?? "";
      await eventually(async () => expect(await bob.window.run(seen)).toMatch(/^sea\.(webp|jpeg)$/));
      await closeDialog(bob.window);
    });

    // The driver of WebKitGTK is taken to give no microphone. In Firefox the test does not play it: where there is no loudspeaker it stood still.
    it.skipIf(name === "WebKit")("record a voice message that both sides can read", async () => {
      const [alice, bob] = [await visitor("alice"), await visitor("bob")];
      await alice.talkTo(bob.username);
      await alice.click("Record a voice message");
      const time = (): string => document.querySelector("[role=timer]")?.textContent ?? "";
      await eventually(async () => expect(await alice.window.run(time)).toMatch(/:(0[1-9]|[1-5]\d)$/));
      await alice.click("Send");
      await bob.openConversation("Voice message");
      await bob.sees("Accept the request to play this.");
      await bob.click("Accept");
      const bars = (): number => (document.querySelector(".wave path")?.getAttribute("d") ?? "").split("M").length - 1;
      const length = (): number => document.querySelector("audio")?.duration ?? 0;
      await eventually(async () => expect(await bob.window.run(bars)).toBe(64));
      await eventually(async () => expect(await alice.window.run(length)).toBeGreaterThan(0.9));
    });

    it("find history and draft again after a reload right after the last key", async () => {
      const [alice, bob] = [await visitor("alice"), await client()];
      await alice.talkTo(bob.session?.username ?? "");
      await alice.send("Sent before");
      await alice.sees("Sent");
      await alice.write("Message", "Not sent yet");
      await alice.window.reload();
      await eventually(async () => expect(await alice.messages()).toEqual(["Sent before"]));
      await eventually(async () => expect(await alice.draft()).toBe("Not sent yet"));
    });

    it("mute, pin, archive and delete a conversation, and react with any emoji, on two devices", async () => {
      const [alice, bob, carol] = [await visitor("alice"), await client(), await client()];
      if (browser === undefined) throw new Error("The browser has not been started.");
      const phone = new EngineVisitor(await browser.newWindow(), network?.url ?? "", "alice", alice);
      await phone.window.open(phone.url);
      await phone.logIn();
      const { id } = await bob.find(alice.username);
      await bob.send({ to: id, type: "text", content: "From Bob" });
      await carol.send({ to: id, type: "text", content: "From Carol" });
      for (const device of [alice, phone]) await device.sees("From Carol");
      await alice.openConversation("From Bob");
      for (const [entry, says] of [
        ["Mute", "Muted"],
        ["Pin", "Pinned"],
      ] as const) {
        await alice.chooseInMenu(entry);
        await eventually(async () => expect(await phone.window.run(() => document.body.textContent)).toContain(says));
      }
      await alice.click("Accept");
      await openPicker(alice);
      await alice.sees("Smileys & Emotion");
      await expectTidy(alice.window, "dialog");
      const picker = await alice.window.run(pickerLayout);
      // A row of buttons for the groups, and below it rows of emoji.
      expect(picker.groups).toBeGreaterThanOrEqual(32);
      expect(picker.shown).toBeGreaterThan(20);
      expect(picker.overlap).toBeLessThanOrEqual(0);
      await closeDialog(alice.window);
      await openPicker(alice);
      await alice.write("Search emoji", "party popper");
      await alice.click("party popper");
      await phone.openConversation("From Bob");
      await phone.sees("🎉");
      await alice.chooseInMenu("Archive");
      await phone.sees("Archived");
      await alice.chooseInMenu("Delete conversation here");
      await alice.click("Delete here");
      await eventually(async () =>
        expect(await alice.window.run(() => document.body.innerText)).not.toContain("From Bob"),
      );
      expect(await phone.messages()).toEqual(["From Bob"]);
    });

    it("write without a network, also to somebody of the list by name, and all of it goes out once and in order", async () => {
      const [alice, bob] = [await visitor("alice"), await client()];
      const name = bob.session?.username ?? "";
      await alice.talkTo(name);
      await alice.window.run(holdWaits);
      network?.turn(false);
      try {
        await alice.send("One");
        await alice.sees("Retry now");
        await alice.write("To", name);
        await alice.send("Two");
        await eventually(async () => expect(await alice.messages()).toEqual(["One", "Two"]));
      } finally {
        network?.turn(true);
      }
      await alice.click("Retry now");
      await alice.sees("Connected");
      await receives(bob, "One", "Two");
    });

    it("export their history, and import it after the browser has lost it", async () => {
      const [alice, bob] = [await visitor("alice"), await client()];
      await alice.talkTo(bob.session?.username ?? "");
      await alice.send("Keep this");
      await alice.sees("Sent");
      await keepSaved(alice.window);
      await alice.openMenu();
      await alice.click("Export history");
      await alice.click("Export");
      await alice.sees("1 message exported as gotalk-alice-");
      const text = await savedText(alice.window);
      await closeDialog(alice.window);
      await alice.openMenu();
      await alice.click("Log out and erase this device");
      await alice.click("Log out and erase");
      await alice.sees("this browser keeps nothing of");
      await alice.logIn();
      await alice.openMenu();
      await alice.click("Import history");
      await eventually(() => alice.window.run(chooseFile, text));
      await alice.click("Import");
      await alice.sees("1 message added.");
      await closeDialog(alice.window);
      await alice.openConversation("Keep this");
      await eventually(async () => expect(await alice.messages()).toEqual(["Keep this"]));
    });

    it("bring their history to a new device by its code", async () => {
      const [alice, bob] = [await visitor("alice"), await client()];
      await alice.talkTo(bob.session?.username ?? "");
      await alice.send("Keep this");
      await alice.sees("Sent");
      if (browser === undefined) throw new Error("The browser has not been started.");
      const phone = new EngineVisitor(await browser.newWindow(), network?.url ?? "", "alice", alice);
      await phone.window.open(phone.url);
      await phone.logIn();
      await phone.sees("This device begins here");
      await alice.openMenu();
      await alice.click("Bring history to another device");
      await alice.click("Upload");
      await alice.sees("1 message is uploaded.");
      const code = (): string => document.querySelector("dialog code")?.textContent ?? "";
      await phone.click("Bring history");
      await phone.sees("Another device has uploaded its history");
      await phone.write("Code from the other device", await alice.window.run(code));
      await phone.window.press("Enter");
      await phone.sees("The history is here: 1 message added.");
      await phone.click("Done");
      await phone.openConversation("Keep this");
      await eventually(async () => expect(await phone.messages()).toEqual(["Keep this"]));
    });

    it.each(Object.entries(SIZES))(
      "find the menu and each dialog well laid out on a %s",
      async (_, [width, height]) => {
        const alice = await visitor("alice");
        await alice.window.resize(width, height);
        await alice.openMenu();
        await expectTidy(alice.window, ".menu");
        for (const name of DIALOGS) {
          await alice.click(name);
          await alice.window.run((title) => document.querySelector("dialog")?.textContent?.includes(title), name);
          await expectTidy(alice.window, "dialog");
          const focused = await alice.window.run(() => document.activeElement?.tagName);
          expect(focused).toBe(WITH_FIELD.has(name) ? "INPUT" : "BUTTON");
          await closeDialog(alice.window);
          await alice.openMenu();
        }
      },
    );

    it("delete a message that was not sent, and their account with all that the browser keeps", async () => {
      const [alice, bob] = [await visitor("alice"), await client()];
      await alice.talkTo(bob.session?.username ?? "");
      const { id } = await bob.find(alice.username);
      await bob.block(id);
      await alice.send("Refused");
      await alice.sees("This person has blocked you.");
      await alice.click("Delete");
      await eventually(async () => expect(await alice.messages()).toEqual([]));
      await alice.openMenu();
      await alice.click("Delete account");
      await alice.write("Your password", alice.password);
      await alice.click("Delete my account");
      await alice.sees("Your account is deleted");
      await expect(bob.find(alice.username)).rejects.toMatchObject({ code: "unknown_user" });
    });
  });
});
