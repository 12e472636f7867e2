import type { VNode } from "preact";
import { useRef } from "preact/hooks";
import { sizeText, timeText } from "../text/sizes.ts";
import type { FileProps } from "./fileProps.ts";
import { FileIcon } from "./icons.tsx";
import { save } from "./saving.ts";
import { Thumb } from "./Thumb.tsx";
import { pauseOthers } from "./voice/turn.ts";
import { Waiting } from "./Waiting.tsx";

const UNKNOWN = { width: 320, height: 180 };

/** The width of a video in the log, in pixels. It has controls, so it is not smaller. */
const WIDTH = { least: 240, most: 320 };

/** The most pixels of its height. */
const HEIGHT = 360;

/** A video or a sound. It is fetched and played by a press. */
export function Player({ view, transfer, onUnshowable }: FileProps): VNode {
  const { file, blob, url, isSecret, held, fetch } = view;
  const { kind, name, bytes, duration, preview, size = UNKNOWN } = file;
  /** The person has asked for it in this tab. */
  const isAsked = useRef(false);
  const play = () => {
    isAsked.current = true;
    fetch();
  };
  const isVideo = kind === "Video";
  const about = [kind, duration && timeText(duration), sizeText(bytes)].filter(Boolean).join(", ");
  const player = {
    ...{ src: url, controls: true, autoplay: isAsked.current, "aria-label": name, onError: onUnshowable },
    onPlay: ({ currentTarget }: { readonly currentTarget: HTMLMediaElement }) => pauseOthers(currentTarget),
  };
  return (
    <div class={isVideo ? "player" : "player sound"} style={isVideo ? { width: `${widthOf(size)}px` } : {}}>
      <div class="stage" style={isVideo ? { aspectRatio: `${size.width} / ${size.height}` } : {}}>
        {isVideo && preview !== undefined && !isSecret && <Thumb hash={preview} />}
        {url && (isVideo ? <video {...player} playsInline preload="metadata" /> : <audio {...player} />)}
        {!url && !isSecret && held.state === "absent" && (
          <button type="button" class="play" aria-label={`Play ${name}, ${about}`} onClick={play}>
            <FileIcon name="play" />
          </button>
        )}
        {!url && (isSecret || held.state !== "absent") && <Waiting view={view} what="Load" />}
        {transfer}
      </div>
      <span class="file-line">
        <span class="file-name">
          <bdi>{name}</bdi>
          <small>{about}</small>
        </span>
        {blob && (
          <button type="button" class="round" aria-label={`Save ${name}`} onClick={() => save(blob, name)}>
            <FileIcon name="save" />
          </button>
        )}
      </span>
    </div>
  );
}

function widthOf({ width, height }: { readonly width: number; readonly height: number }): number {
  const scale = Math.min(WIDTH.most / width, HEIGHT / height);
  return Math.max(WIDTH.least, Math.round(width * scale));
}
