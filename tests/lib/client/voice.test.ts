import { describe, expect, it } from "vitest";
import { type FileDetails, isVoiceMessage, waveformLevels } from "../../../lib/client/index.ts";

const VOICE = { mediaType: "audio/ogg", waveform: "AAEC" };

describe("a voice message", () => {
  it.each<[boolean, { readonly [Name in keyof FileDetails]?: unknown }]>([
    [true, VOICE],
    [true, { ...VOICE, mediaType: "audio/webm;codecs=opus" }],
    // It is one all the same: what is drawn of it is another question.
    [true, { ...VOICE, waveform: "!" }],
    [false, { mediaType: "audio/ogg" }],
    [false, { ...VOICE, waveform: "" }],
    [false, { ...VOICE, waveform: 7 }],
    [false, { ...VOICE, waveform: null }],
    [false, { ...VOICE, waveform: [1, 2] }],
    [false, { waveform: "AAEC" }],
    [false, { ...VOICE, mediaType: "video/mp4" }],
    [false, { ...VOICE, mediaType: "text/html" }],
    [false, { ...VOICE, mediaType: { startsWith: true } }],
    [false, { ...VOICE, mediaType: ["audio/ogg"] }],
    [false, {}],
  ])("is %s of %j", (isOne, file) => {
    expect(isVoiceMessage(file)).toBe(isOne);
  });
});

describe("the levels of a waveform", () => {
  it.each<[string, string, number[] | undefined]>([
    ["one", "/w==", [255]],
    ["three", "AAEC", [0, 1, 2]],
    ["those of the alphabet for URLs", "_-8", [255, 239]],
    ["none of no text", "", undefined],
    ["none of other letters", "a waveform!", undefined],
    ["none of a script", "<script>", undefined],
    ["none of half a byte", "A", undefined],
    ["none of too many", Buffer.alloc(257).toString("base64"), undefined],
    ["none of a long text", "A".repeat(16_000), undefined],
  ])("are %s", (_, waveform, levels) => {
    const read = waveformLevels(waveform);
    expect(read && [...read]).toEqual(levels);
  });

  it("are 256 at most", () => {
    expect(waveformLevels(Buffer.alloc(256, 7).toString("base64"))).toHaveLength(256);
  });
});
