import { signal } from "@preact/signals";
import { loudness } from "./levels.ts";

/** The longest voice message, in seconds. What any browser records in this time is smaller than a file may be. */
export const LONGEST = 15 * 60;

/** The shortest one, in seconds. What is shorter was begun and ended by mistake: by Enter twice, say. */
export const SHORTEST = 1;

/** What is asked for: a voice is well understood, and a minute has about 240 kB. Not every browser obeys. */
const BITS_PER_SECOND = 32_000;

/** Milliseconds between two levels. */
const STEP = 100;

/** What can be recorded, the best first, with the ending of its name. Opus where there is a choice. */
const FORMATS = [
  ["audio/webm;codecs=opus", "webm"],
  ["audio/ogg;codecs=opus", "ogg"],
  ["audio/mp4", "m4a"],
] as const;

/** A voice that was recorded. */
export interface Recorded {
  readonly file: Blob;
  readonly mediaType: string;
  /** The usual ending of a name for this media type. */
  readonly ending: string;
  /** In seconds. */
  readonly duration: number;
}

/** Why a recording has ended by itself. */
export type End = "longest" | "lost";

/** Whether this browser can record at all. */
export const canRecord = (): boolean => typeof MediaRecorder === "function";

/** One recording of the microphone, from the question to the browser to the sound. */
export class Recording {
  /** `asking`: the browser may be asking the person. */
  readonly phase = signal<"asking" | "recording" | "recorded">("asking");
  /** How long it is. */
  readonly seconds = signal(0);
  /** Why it has ended by itself. */
  readonly end = signal<End | undefined>(undefined);
  /** How loud it was, at each tenth of a second. It grows. */
  readonly levels: number[] = [];
  /** Aborted when the microphone is to be let go. */
  readonly #life = new AbortController();
  readonly #parts: Blob[] = [];
  /** The person has ended it. */
  #isAsked = false;
  #recorder: MediaRecorder | undefined;
  #done: Promise<Recorded> | undefined;

  /**
   * Asks for the microphone, and records.
   *
   * @throws DOMException when there is none, or it may not be used. See `explainMicrophone`
   */
  async start(): Promise<void> {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    const { signal: life } = this.#life;
    const release = () => {
      for (const track of stream.getTracks()) track.stop();
    };
    // The person has not waited for the browser.
    if (life.aborted) return release();
    life.addEventListener("abort", release);
    try {
      this.#record(stream);
    } catch (error) {
      this.#life.abort();
      throw error;
    }
  }

  /** Ends the recording and lets go of the microphone. @returns what was recorded. For one that has begun */
  async finish(): Promise<Recorded> {
    this.#isAsked = true;
    this.#stop();
    if (this.#done === undefined) throw new Error("Nothing is recorded yet.");
    return this.#done;
  }

  /** Lets go of the microphone, and of what was recorded. */
  discard(): void {
    this.#life.abort();
  }

  #record(stream: MediaStream): void {
    const [mimeType] = FORMATS.find(([type]) => MediaRecorder.isTypeSupported(type)) ?? [];
    const recorder = new MediaRecorder(stream, {
      audioBitsPerSecond: BITS_PER_SECOND,
      ...(mimeType !== undefined && { mimeType }),
    });
    const begun = performance.now();
    const meter = meterOf(stream, this.#life.signal);
    const measure = () => {
      this.seconds.value = Math.min(LONGEST, (performance.now() - begun) / 1_000);
      const level = meter();
      // A page that is hidden is asked less often.
      while (this.levels.length * STEP < this.seconds.value * 1_000) this.levels.push(level);
      if (this.seconds.value < LONGEST || this.end.value !== undefined) return;
      this.end.value = "longest";
      this.#stop();
    };
    const timer = setInterval(measure, STEP);
    this.#life.signal.addEventListener("abort", () => clearInterval(timer));
    recorder.addEventListener("dataavailable", ({ data }) => this.#parts.push(data));
    for (const track of stream.getTracks()) track.addEventListener("ended", () => this.#stop());
    this.#recorder = recorder;
    this.#done = new Promise((resolve) => {
      recorder.addEventListener("stop", () => {
        if (!this.#life.signal.aborted) measure();
        // Browsers stop by themselves when the microphone is gone, or cannot be read.
        if (!this.#isAsked) this.end.value ??= "lost";
        this.#life.abort();
        this.phase.value = "recorded";
        resolve(this.#recorded(recorder.mimeType));
      });
    });
    recorder.start();
    this.phase.value = "recording";
  }

  #stop(): void {
    if (this.#recorder?.state === "recording") this.#recorder.stop();
  }

  #recorded(mimeType: string): Recorded {
    const mediaType = mimeType.split(";")[0] ?? "";
    const ending = FORMATS.find(([type]) => type.startsWith(mediaType))?.[1] ?? "bin";
    return { file: new Blob(this.#parts, { type: mediaType }), mediaType, ending, duration: this.seconds.value };
  }
}

/** @returns a function that tells how loud it is. A browser that cannot tell hears nothing */
function meterOf(stream: MediaStream, life: AbortSignal): () => number {
  try {
    const context = new AudioContext();
    life.addEventListener("abort", () => void context.close());
    // At 48 kHz that is nearly all between two levels.
    const analyser = new AnalyserNode(context, { fftSize: 4_096 });
    context.createMediaStreamSource(stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    return () => {
      analyser.getFloatTimeDomainData(samples);
      return loudness(samples);
    };
  } catch {
    return () => 0;
  }
}
