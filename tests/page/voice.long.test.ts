import type { Locator } from "playwright-core";
import { describe, expect, it } from "vitest";
import {
  type Client,
  type FileContent,
  type Message,
  readFileContent,
  waveformLevels,
} from "../../lib/client/index.ts";
import { eventually } from "../support/eventually.ts";
import { violations } from "../support/page/axe.ts";
import { usePage } from "../support/page/fixture.ts";
import type { VisitOptions, Visitor } from "../support/page/visitor.ts";
import { takeAll } from "../support/taking.ts";
import { countIn, overflow } from "./support/files.ts";
import { sound } from "./support/pictures.ts";

const NARROW = { width: 320, height: 640 };

const mic = (visitor: Visitor) => visitor.button("Record a voice message");
const bar = ({ page }: Visitor) => page.getByRole("group", { name: "Voice message" });
const play = ({ log }: Visitor) => log.getByRole("button", { name: /^Play voice message, / });
const slider = ({ log }: Visitor) => log.getByRole("slider", { name: "Position in the voice message" });
const timer = (visitor: Visitor) => bar(visitor).getByRole("timer");

/** Waits until so many seconds are shown, or more on a busy machine. */
const secondsOf = (visitor: Visitor, seconds: number): Promise<void> =>
  timer(visitor)
    .filter({ hasText: new RegExp(`0:(0[${seconds}-9]|[1-5]\\d)`) })
    .waitFor();

/** Records so many seconds. */
async function record(visitor: Visitor, seconds = 1): Promise<void> {
  await mic(visitor).click();
  await secondsOf(visitor, seconds);
}

/** Records and sends. */
async function say(visitor: Visitor): Promise<void> {
  await record(visitor);
  await bar(visitor).getByRole("button", { name: "Send" }).click();
  await mic(visitor).waitFor();
}

/** Lets a page tell whether a microphone listens, and end it as if it were pulled out. */
function watchMicrophone(): void {
  const tracks: MediaStreamTrack[] = [];
  const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (what) => {
    const stream = await ask(what);
    tracks.push(...stream.getTracks());
    return stream;
  };
  Object.assign(globalThis, {
    isListening: () => tracks.some(({ readyState }) => readyState === "live"),
    pullOut: () => {
      for (const track of tracks) {
        track.stop();
        track.dispatchEvent(new Event("ended"));
      }
    },
  });
}

/** What a browser may say of the microphone, and what the page says of it. */
const FAULTS = [
  ["NotFoundError", "No microphone was found. Connect one, and try again."],
  ["NotReadableError", "Another program may be using it: close that, and try again."],
  ["UnknownError", "This browser cannot record now."],
] as const;

const WATCHED: VisitOptions = { before: (context) => context.addInitScript(watchMicrophone) };

const isListening = ({ page }: Visitor): Promise<boolean> =>
  page.evaluate(() => Reflect.get(globalThis, "isListening")());

/** The voice message that comes next. */
async function received(client: Client): Promise<FileContent> {
  const files: FileContent[] = [];
  await eventually(async () => {
    const messages = await takeAll(client);
    files.push(...messages.flatMap(({ type, content }) => (type === "file" && readFileContent(content)) || []));
    expect(files).toHaveLength(1);
  });
  return files[0] as FileContent;
}

/** A sound of a second is over before a busy machine has looked at it. */
const setSpeed = (within: Locator, speed: number): Promise<void> =>
  within
    .locator("audio")
    .first()
    .evaluate((audio: HTMLAudioElement, rate) => {
      audio.defaultPlaybackRate = rate;
      audio.playbackRate = rate;
    }, speed);

/** Lets the first voice message of a log play, until its sound is over. */
async function hear(visitor: Visitor): Promise<void> {
  await play(visitor).first().click();
  const audio = visitor.log.locator("audio").first();
  await audio.evaluate(
    (element: HTMLAudioElement) =>
      new Promise((resolve) => {
        if (element.ended) resolve(undefined);
        element.addEventListener("ended", resolve);
      }),
  );
}

/** How high the bars of the first waveform are, in units of the drawing. */
const bars = ({ log }: Visitor): Promise<number[]> =>
  log
    .locator(".wave path")
    .first()
    .evaluate((path) => [...(path.getAttribute("d") ?? "").matchAll(/v([\d.]+)/g)].map(([, height]) => Number(height)));

/** Sends a sound that is said to be a voice message, with something else in its message. */
async function sendVoice(from: Client, to: string, said: object = {}): Promise<void> {
  const file = new Blob([sound(1)]);
  const content = await from.uploadFile(file, {
    ...{ name: "voice.wav", mediaType: "audio/wav", duration: 1 },
    waveform: Buffer.from([0, 64, 128, 255]).toString("base64"),
  });
  await from.send({ to, type: "file", content: JSON.stringify({ ...content, ...said }) });
}

describe("voice messages", () => {
  const { visitor, client } = usePage();

  /** Somebody with a page, and somebody with a client to whom they write. */
  async function talk(options: VisitOptions = {}): Promise<[Visitor, Client]> {
    const [alice, bob] = await Promise.all([visitor("alice", options), client("bob")]);
    await alice.talkTo(bob.session?.username ?? "");
    return [alice, bob];
  }

  /** Somebody with a page, who has accepted somebody with a client. */
  async function friends(): Promise<[alice: Visitor, bob: Client, aliceId: string]> {
    const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
    const { id } = await bob.find(alice.username);
    await bob.send({ to: id, type: "text", content: "Hello" });
    await alice.conversations.getByText("Hello").click();
    await alice.accept();
    return [alice, bob, id];
  }

  it("are recorded, seen at once, heard by the other side, and there after a reload", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), visitor("bob")]);
    await alice.talkTo(bob.username);
    await say(alice);
    await play(alice).waitFor();
    await alice.conversations.getByText("You: Voice message").waitFor();
    await bob.conversations.getByText("Voice message").click();
    await bob.accept();
    await hear(bob);
    // Once it is over, it can be heard from the beginning.
    await play(bob).waitFor();
    expect(await slider(bob).inputValue()).toBe("0");
    const seen = await bars(bob);
    expect([seen.length, Math.max(...seen) > 20]).toEqual([64, true]);
    for (const someone of [alice, bob]) {
      await someone.page.reload();
      await play(someone).waitFor();
      expect(await bars(someone)).toEqual(seen);
    }
    await hear(alice);
  });

  it("are Opus in a file as any other, whose message says how long and how loud they are", async () => {
    const [alice, bob] = await talk();
    await say(alice);
    const file = await received(bob);
    expect(file).toMatchObject({
      name: expect.stringMatching(/^voice-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ\.webm$/),
      mediaType: "audio/webm",
    });
    expect(file.duration).toBeGreaterThanOrEqual(1);
    expect(file.duration).toBeLessThan(20);
    const levels = waveformLevels(file.waveform ?? "") ?? [];
    expect([levels.length, Math.max(...levels)]).toEqual([64, 255]);
    expect(JSON.stringify(file).length).toBeLessThan(1_000);
    const bytes = Buffer.from(await (await bob.fetchFile(file)).arrayBuffer());
    expect([bytes.subarray(0, 4).toString("hex"), bytes.includes("OpusHead")]).toEqual(["1a45dfa3", true]);
  });

  it("are heard before they are sent, and stay where they are in the sound when it is moved", async () => {
    const [alice, bob] = await talk(WATCHED);
    await record(alice, 2);
    await bar(alice).getByRole("button", { name: "Stop and listen" }).click();
    const position = bar(alice).getByRole("slider", { name: "Position in the voice message" });
    await position.waitFor();
    expect(await isListening(alice)).toBe(false);
    await position.focus();
    await alice.page.keyboard.press("ArrowRight");
    expect(await position.getAttribute("aria-valuetext")).toMatch(/^0:01 of \d:\d\d$/);
    await setSpeed(bar(alice), 0.1);
    await bar(alice).getByRole("button", { name: /^Play/ }).click();
    await bar(alice).getByRole("button", { name: "Pause voice message" }).click();
    expect(Number(await position.inputValue())).toBeGreaterThanOrEqual(1);
    // Enter in the slider sends the voice, and not what the box has.
    await position.focus();
    await alice.page.keyboard.press("Enter");
    await mic(alice).waitFor();
    expect((await received(bob)).mediaType).toBe("audio/webm");
  });

  it("are recorded, cancelled, sent and heard by keyboard", async () => {
    const [alice, bob] = await talk(WATCHED);
    const { keyboard } = alice.page;
    await alice.box.focus();
    await mic(alice).waitFor();
    await keyboard.press("Tab");
    await mic(alice).and(alice.page.locator(":focus")).waitFor();
    await keyboard.press("Enter");
    await timer(alice).waitFor();
    expect(await isListening(alice)).toBe(true);
    await keyboard.press("Escape");
    await mic(alice).and(alice.page.locator(":focus")).waitFor();
    expect([await isListening(alice), await countIn(alice, "outbox")]).toEqual([false, 0]);
    await keyboard.press("Enter");
    await secondsOf(alice, 1);
    await keyboard.press("Enter");
    await mic(alice).and(alice.page.locator(":focus")).waitFor();
    expect(await isListening(alice)).toBe(false);
    await received(bob);
    await setSpeed(alice.log, 0.1);
    await play(alice).focus();
    await keyboard.press("Enter");
    await alice.log.getByRole("button", { name: "Pause voice message" }).and(alice.page.locator(":focus")).waitFor();
    await setSpeed(alice.log, 1);
    await play(alice).waitFor();
    await slider(alice).focus();
    await keyboard.press("End");
    await eventually(async () => expect(await slider(alice).getAttribute("aria-valuetext")).toMatch(/^0:0[1-9] of/));
    await keyboard.press("Home");
    await eventually(async () => expect(await slider(alice).inputValue()).toBe("0"));
  });

  it("that last less than a second, as with Enter twice, are not sent, and it is said", async () => {
    const [alice, bob] = await talk(WATCHED);
    // A machine may be slower than two keys.
    await alice.page.evaluate(() => Object.defineProperty(performance, "now", { value: () => 0, configurable: true }));
    await mic(alice).focus();
    await alice.page.keyboard.press("Enter");
    await timer(alice).waitFor();
    await alice.page.keyboard.press("Enter");
    await alice.page.getByRole("alert").filter({ hasText: "That was too short, and is not sent." }).waitFor();
    await mic(alice).and(alice.page.locator(":focus")).waitFor();
    const left = [await isListening(alice), await countIn(alice, "outbox"), await countIn(alice, "messages")];
    expect(left).toEqual([false, 0, 0]);
    expect([await violations(alice), await overflow(alice)]).toEqual([[], 0]);
    await alice.page.evaluate(() => Reflect.deleteProperty(performance, "now"));
    await say(alice);
    expect(await alice.page.getByRole("alert").count()).toBe(0);
    expect((await received(bob)).duration).toBeGreaterThanOrEqual(1);
  });

  it("fit into 320 pixels, and are read well in both themes", async () => {
    const [alice] = await talk({ viewport: NARROW });
    const isFine = async () => expect([await violations(alice), await overflow(alice)]).toEqual([[], 0]);
    await mic(alice).waitFor();
    const before = await alice.box.boundingBox();
    await isFine();
    await alice.box.fill("A text");
    expect([await mic(alice).count(), await alice.box.boundingBox()]).toEqual([0, before]);
    await alice.box.fill("");
    await record(alice);
    expect(await alice.box.count()).toBe(0);
    await isFine();
    await bar(alice).getByRole("button", { name: "Stop and listen" }).click();
    await bar(alice).getByRole("slider").waitFor();
    await isFine();
    await bar(alice).getByRole("button", { name: "Send" }).click();
    await alice.log.getByText("Sent", { exact: true }).waitFor();
    await isFine();
  });

  it("that may not be recorded are refused in words that say what to do", async () => {
    const [alice, bob] = await talk();
    // The browser itself refuses what the headers of a page do not allow, as it does what the person does not.
    await alice.page.route(alice.url, async (route) => {
      const response = await route.fetch();
      const headers = { ...response.headers(), "permissions-policy": "microphone=()" };
      await route.fulfill({ response, headers });
    });
    await alice.page.reload();
    await mic(alice).click();
    await alice.page.getByRole("alert").filter({ hasText: "goTalk may not use the microphone. Allow it" }).waitFor();
    expect([await violations(alice), await overflow(alice)]).toEqual([[], 0]);
    await alice.button("OK").click();
    await mic(alice).and(alice.page.locator(":focus")).waitFor();
    expect(await alice.page.getByRole("alert").count()).toBe(0);
    await alice.page.unrouteAll({ behavior: "wait" });
    await alice.page.reload();
    await say(alice);
    await received(bob);
  });

  it.each(FAULTS)("that meet a %s say so", async (name, words) => {
    const [alice] = await talk();
    await alice.page.evaluate((fault) => {
      navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("", fault));
    }, name);
    await mic(alice).click();
    await alice.page.getByRole("alert").filter({ hasText: words }).waitFor();
    await mic(alice).and(alice.page.locator(":focus")).waitFor();
  });

  it("have no button in a browser that cannot record, and say that a page needs https", async () => {
    const without = (name: string) => (context: Visitor["context"]) =>
      context.addInitScript((key) => {
        if (key === "MediaRecorder") Reflect.deleteProperty(globalThis, key);
        else Object.defineProperty(navigator, key, { get: () => undefined });
      }, name);
    const [[alice], [carol]] = await Promise.all([
      talk({ before: without("MediaRecorder") }),
      talk({ before: without("mediaDevices") }),
    ]);
    await alice.button("Attach").waitFor();
    expect(await mic(alice).count()).toBe(0);
    await mic(carol).click();
    await carol.page.getByRole("alert").filter({ hasText: "Open goTalk by such an address." }).waitFor();
  });

  it("of a stranger are not fetched before they are accepted", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
    const asked: string[] = [];
    alice.page.on("request", (request) => {
      if (/\/-?files\//.test(request.url())) asked.push(request.url());
    });
    await sendVoice(bob, (await bob.find(alice.username)).id);
    await alice.conversations.getByText("Voice message").click();
    await alice.log.getByText("Accept the request to play this.").waitFor();
    expect([await play(alice).isDisabled(), await slider(alice).isDisabled(), asked]).toEqual([true, true, []]);
    expect(await violations(alice)).toEqual([]);
    await alice.accept();
    const row = () => alice.log.locator(".bubble").boundingBox();
    const before = await row();
    expect(asked).toEqual([]);
    await hear(alice);
    expect([asked.length > 0, await row()]).toEqual([true, before]);
  });

  it("stop when their conversation is left, wait there, and are not lost by a reload without a question", async () => {
    const [alice, bob] = await talk(WATCHED);
    const carol = await client("carol");
    await record(alice);
    await alice.talkTo(carol.session?.username ?? "");
    await mic(alice).waitFor();
    await eventually(async () => expect(await isListening(alice)).toBe(false));
    const asked = new Promise<string>((resolve) => {
      alice.page.once("dialog", async (dialog) => {
        // A page hears no key until then.
        await dialog.dismiss();
        resolve(dialog.type());
      });
    });
    await alice.page.close({ runBeforeUnload: true });
    expect(await asked).toBe("beforeunload");
    await alice.talkTo(bob.session?.username ?? "");
    await bar(alice).getByRole("button", { name: /^Play/ }).waitFor();
    await bar(alice).getByRole("button", { name: "Send" }).click();
    expect((await received(bob)).duration).toBeGreaterThanOrEqual(1);
    // Nothing is asked any more.
    await alice.page.reload();
    await play(alice).waitFor();
  });

  it("are let go of by a logout, and are gone after it", async () => {
    const [alice, bob] = await talk(WATCHED);
    await record(alice);
    await alice.button("Log out").click();
    await eventually(async () => expect(await isListening(alice)).toBe(false));
    await alice.logIn();
    await alice.talkTo(bob.session?.username ?? "");
    await mic(alice).waitFor();
    expect(await bar(alice).count()).toBe(0);
  });

  it("end, and are not sent, where the speaker is removed from the group meanwhile", async () => {
    const [alice, bob] = await Promise.all([visitor("alice", WATCHED), client("bob")]);
    const { id } = await bob.find(alice.username);
    const { groupId } = await bob.createGroup({ name: "Tea", members: [id] });
    await alice.conversations.getByRole("button", { name: "Tea" }).click();
    await alice.accept();
    await record(alice);
    await bob.removeMember(groupId, id);
    await eventually(async () => expect(await isListening(alice)).toBe(false));
    await bar(alice).getByRole("button", { name: "Cancel" }).waitFor();
    expect(await bar(alice).getByRole("button", { name: "Send" }).count()).toBe(0);
  });

  it("end when the microphone is pulled out, and after 15 minutes, and say so", async () => {
    const [alice] = await talk(WATCHED);
    await record(alice);
    await alice.page.evaluate(() => Reflect.get(globalThis, "pullOut")());
    await alice.page.getByRole("alert").filter({ hasText: "The microphone is gone. What was recorded" }).waitFor();
    await bar(alice).getByRole("button", { name: /^Play/ }).waitFor();
    await bar(alice).getByRole("button", { name: "Cancel" }).click();
    expect(await alice.page.getByRole("alert").count()).toBe(0);
    await alice.page.clock.install();
    await mic(alice).click();
    await timer(alice).waitFor();
    await alice.page.clock.fastForward("15:00");
    await alice.page.getByRole("alert").filter({ hasText: "A voice message has at most 15 minutes." }).waitFor();
    await bar(alice).getByRole("button", { name: "Play voice message, 15:00" }).waitFor();
    expect(await isListening(alice)).toBe(false);
  });

  it("go out when the network is back, also after a reload", async () => {
    const [alice, bob] = await talk();
    await alice.page.route("**/files", (route) => route.abort());
    await say(alice);
    await alice.log.getByRole("progressbar", { name: /^Sending voice-/ }).waitFor();
    await alice.page.unroute("**/files");
    await alice.page.reload();
    const file = await received(bob);
    expect([file.duration !== undefined, waveformLevels(file.waveform ?? "")?.length]).toEqual([true, 64]);
  });

  it("play one at a time", async () => {
    const [alice, bob, id] = await friends();
    await sendVoice(bob, id);
    await sendVoice(bob, id);
    await eventually(async () => expect(await play(alice).count()).toBe(2));
    const playing = () =>
      alice.log
        .locator("audio")
        .evaluateAll((all) => all.filter((audio) => audio instanceof HTMLAudioElement && !audio.paused).length);
    for (const index of [0, 1]) {
      // As long as it takes.
      await play(alice).nth(0).click();
      await alice.log
        .locator("audio")
        .nth(index)
        .evaluate((audio: HTMLAudioElement) => {
          audio.loop = true;
          return audio.play();
        });
    }
    expect(await playing()).toBe(1);
    // Nothing is heard in a recording but the voice.
    await mic(alice).click();
    await timer(alice).waitFor();
    expect(await playing()).toBe(0);
  });

  it("of a sender who writes nonsense are sounds that play, drawn flat", async () => {
    const [alice, bob, id] = await friends();
    await sendVoice(bob, id, { waveform: "A".repeat(9_000), duration: -1 });
    await play(alice).waitFor();
    expect(new Set(await bars(alice))).toEqual(new Set([1]));
    await hear(alice);
    await sendVoice(bob, id, { waveform: { length: 1 } });
    await alice.button(/^Play voice.wav, Sound, 0:01, /).waitFor();
    await sendVoice(bob, id, { mediaType: { toString: 1, valueOf: 1 } });
    await alice.button(/^Save voice.wav WAV, /).waitFor();
    await alice.conversations.getByText("File: voice.wav").waitFor();
  });

  it("are replied to and quoted in words", async () => {
    const [alice, bob, id] = await friends();
    await sendVoice(bob, id);
    await play(alice).waitFor();
    await alice.log
      .getByRole("article")
      .filter({ has: alice.page.locator(".wave") })
      .focus();
    await alice.log.getByRole("button", { name: "Reply", exact: true }).click();
    await alice.page.locator(".reply-bar").getByText("Voice message").waitFor();
    await say(alice);
    await alice.log.locator(".quote").getByText("Voice message").waitFor();
    const arrived: Message[] = [];
    await eventually(async () => {
      arrived.push(...(await takeAll(bob)));
      expect(arrived.map(({ type, about }) => [type, about !== undefined])).toContainEqual(["file", true]);
    });
  });
});
