import { describe, expect, it } from "vitest";
import { waveformLevels } from "../../lib/client/index.ts";
import { readShown } from "../../static/src/files/reading.ts";
import { LEVELS, loudness, resampled, waveformOf } from "../../static/src/files/voice/levels.ts";
import { preparedOf } from "../../static/src/files/voice/sound.ts";
import { fileWords } from "../../static/src/text/fileWords.ts";
import { lengthText } from "../../static/src/text/sizes.ts";

const VOICE = { name: "a.webm", mediaType: "audio/webm", bytes: 9, duration: 12, waveform: "AP8=" };

describe("how loud a sound is", () => {
  it.each([
    [[], 0],
    [[0, 0], 0],
    [[1, -1], 1],
    [[0.5, -0.5], 0.5],
    [[1, 0, 0, 0], 0.5],
  ])("of the samples %j is %d", (samples, loud) => {
    expect(loudness(Float32Array.from(samples))).toBeCloseTo(loud);
  });
});

describe("any number of levels", () => {
  it.each<[number[], number, number[]]>([
    [[], 3, []],
    [[0.5], 3, [0.5, 0.5, 0.5]],
    [[0.1, 0.2], 4, [0.1, 0.1, 0.2, 0.2]],
    [[1, 2, 3, 4, 5, 6], 3, [2, 4, 6]],
    [[9, 1, 1, 1, 1, 1, 1], 2, [9, 1]],
    [[1, 1, 1, 1, 1, 1, 9], 2, [1, 9]],
  ])("%j are %d levels %j", (levels, count, expected) => {
    expect(resampled(levels, count)).toEqual(expected);
  });
});

describe("the waveform that is sent", () => {
  it.each<[string, number[], (levels: Uint8Array) => unknown, unknown]>([
    ["of nothing is flat", [], (levels) => Math.max(...levels), 0],
    ["of silence is flat", [0, 0, 0], (levels) => Math.max(...levels), 0],
    ["of the noise of a room is low", [0.001, 0.002], (levels) => Math.max(...levels) < 64, true],
    ["of a voice fills it", [0.01, 0.2, 0.1], (levels) => Math.max(...levels), 255],
    ["of something too loud fills it", [3, 7], (levels) => Math.max(...levels), 255],
    ["goes from the beginning to the end", [0.2, 0.05], ([first, ...rest]) => [first, rest.at(-1)], [255, 128]],
    [
      "of 15 minutes is as long",
      Array.from({ length: 9_000 }, () => 0.2),
      (levels) => levels.every((one) => one > 0),
      true,
    ],
  ])("%s", (_, loud, look, expected) => {
    const levels = waveformOf(loud);
    expect([levels.length, look(levels)]).toEqual([LEVELS, expected]);
  });

  it("has little more than a hundred bytes in its message, and the name tells no time zone", () => {
    const recorded = { file: new Blob(["x"]), mediaType: "audio/webm", ending: "webm", duration: 12.34567 };
    const { waveform = "", ...said } = preparedOf(recorded, [0.1, 0.2], new Date("2026-03-05T09:07:01.5+02:00"));
    expect(said).toEqual({
      ...{ file: recorded.file, mediaType: "audio/webm", duration: 12.35 },
      name: "voice-2026-03-05T07-07-01Z.webm",
    });
    expect(waveform).toHaveLength(88);
    expect(waveformLevels(waveform)).toEqual(waveformOf([0.1, 0.2]));
  });
});

describe("what a sender says of a voice message", () => {
  it("is read as it was written", () => {
    expect(readShown(JSON.stringify(VOICE))).toMatchObject({ kind: "Sound", duration: 12, waveform: "AP8=" });
    expect(fileWords(JSON.stringify(VOICE))).toBe("Voice message");
  });

  it.each<[object, string]>([
    [{ waveform: undefined }, "Sound"],
    [{ waveform: "" }, "Sound"],
    [{ waveform: 7 }, "Sound"],
    [{ waveform: null }, "Sound"],
    [{ waveform: [0, 255] }, "Sound"],
    [{ waveform: { length: 4 } }, "Sound"],
    [{ waveform: { toString: 1, valueOf: 1 } }, "Sound"],
    [{ mediaType: "video/webm" }, "Video"],
    [{ mediaType: "text/html" }, "File: a.webm"],
    [{ mediaType: ["audio/webm"] }, "File: a.webm"],
    [{ mediaType: { toString: 1, valueOf: 1 } }, "File: a.webm"],
    [{ mediaType: undefined, name: { toString: 1, valueOf: 1 } }, "File: file"],
  ])("is none with %j, but %s", (wrong, words) => {
    const content = JSON.stringify({ ...VOICE, ...wrong });
    expect([readShown(content).waveform, fileWords(content)]).toEqual([undefined, words]);
  });

  it.each([0, -1, 1e9, "12", null, {}, [12]])("has no length of %j", (duration) => {
    expect(readShown(JSON.stringify({ ...VOICE, duration })).duration).toBeUndefined();
  });

  it("has no length that is no number", () => {
    expect(readShown(JSON.stringify(VOICE).replace("12", "1e999")).duration).toBeUndefined();
  });
});

describe("how long a voice message is said to be", () => {
  it.each([
    [0.2, "0:01"],
    [1.4, "0:01"],
    [11.6, "0:12"],
    [59.6, "1:00"],
    [900, "15:00"],
  ])("of %d seconds is %s", (seconds, text) => {
    expect(lengthText(seconds)).toBe(text);
  });
});
