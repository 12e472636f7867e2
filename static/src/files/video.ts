import { thumbOf } from "./drawing.ts";

/** What is known of a video before it is played. */
interface Measured {
  readonly width?: number;
  readonly height?: number;
  readonly duration?: number;
  readonly preview?: string;
}

/** Milliseconds that a browser may take for the first picture of a video. */
const PATIENCE = 3_000;

/** The size of a video, how long it is, and its first picture. Nothing of it if this browser cannot play it. */
export async function measureVideo(file: Blob): Promise<Measured> {
  const url = URL.createObjectURL(file);
  const video = document.createElement("video");
  Object.assign(video, { muted: true, playsInline: true, preload: "auto", src: url });
  try {
    const isSeen = await seen(video);
    const { videoWidth: width, videoHeight: height, duration } = video;
    if (!isSeen || width === 0) return {};
    return { width, height, ...(Number.isFinite(duration) && { duration }), preview: thumbOf(video) };
  } catch {
    return {};
  } finally {
    video.removeAttribute("src");
    URL.revokeObjectURL(url);
  }
}

const seen = (video: HTMLVideoElement): Promise<boolean> =>
  new Promise((resolve) => {
    video.onloadeddata = () => resolve(true);
    video.onerror = () => resolve(false);
    setTimeout(() => resolve(false), PATIENCE);
  });
