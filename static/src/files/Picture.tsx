import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { sizeText } from "../text/sizes.ts";
import { useChat } from "../view/context.ts";
import type { FileProps } from "./fileProps.ts";
import { viewed } from "./opening.ts";
import { Thumb } from "./Thumb.tsx";
import { useInSight } from "./useFile.ts";
import { Waiting } from "./Waiting.tsx";
import { WholeImage } from "./WholeImage.tsx";

/** Pictures of so many bytes are fetched when they are in sight. Larger ones wait for a press. */
const BY_ITSELF = 3_000_000;

/** The most pixels of a picture in the log. */
const MOST = { width: 320, height: 360 };

/** The size of a picture whose sender has not said it. */
const UNKNOWN = { width: 240, height: 180 };

/** The person has asked their browser to load little. */
const savesData = (): boolean => {
  const connection = Reflect.get(navigator, "connection") as { readonly saveData?: boolean } | undefined;
  return connection?.saveData === true;
};

/** A picture at its final size, whether it is here or not. A press opens it large. */
export function Picture({ id, view, transfer, onUnshowable }: FileProps): VNode {
  const { file, held, url, isSecret, fetch } = view;
  const { name, bytes, preview } = file;
  const frame = useRef<HTMLDivElement>(null);
  const isInSight = useInSight(frame);
  const isConnected = useChat().connection.value.kind === "connected";
  const mayFetch = isInSight && !isSecret && bytes <= BY_ITSELF && !savesData();
  useEffect(() => {
    // What has failed is tried again when the network is back.
    if (mayFetch && (held.state === "absent" || (held.state === "failed" && isConnected))) fetch();
  }, [mayFetch, held.state === "absent", isConnected]);
  return (
    <div ref={frame} class={file.size ? "picture" : "picture whole"} style={frameOf(file.size ?? UNKNOWN)}>
      {preview !== undefined && !isSecret && <Thumb hash={preview} />}
      {url !== undefined && <WholeImage src={url} onUnshowable={onUnshowable} />}
      {url !== undefined && (
        <button
          type="button"
          class="cover"
          aria-label={`Open picture ${name}`}
          onClick={() => {
            viewed.value = id;
          }}
        />
      )}
      {url === undefined && <Waiting {...{ view, what: `Load picture, ${sizeText(bytes)}` }} />}
      {transfer}
    </div>
  );
}

/** Reserves the room of the picture before it is here: nothing moves when it comes. */
function frameOf({ width, height }: { readonly width: number; readonly height: number }) {
  const scale = Math.min(1, MOST.width / width, MOST.height / height);
  return { width: `${Math.round(width * scale)}px`, aspectRatio: `${width} / ${height}` };
}
