import type { TargetedKeyboardEvent, VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Timeline } from "../chat/timeline.ts";
import { idOf } from "../storage/records.ts";
import { sizeText } from "../text/sizes.ts";
import { fullTime } from "../text/times.ts";
import { useChat } from "../view/context.ts";
import { focusAnew } from "../view/focus.ts";
import { FileIcon } from "./icons.tsx";
import { viewed } from "./opening.ts";
import { kindOf, readShown } from "./reading.ts";
import { save } from "./saving.ts";
import { Thumb } from "./Thumb.tsx";
import { type FileMessage, useFile } from "./useFile.ts";
import { useZoom } from "./useZoom.ts";
import { Waiting } from "./Waiting.tsx";

/** A message with a picture, and its id in the history. */
type Seen = readonly [id: string, message: FileMessage];

/** The pictures of the part of the conversation that is on the page, oldest first. */
function usePictures({ messages, peerId }: Timeline): readonly Seen[] {
  const { outbox, session } = useChat();
  const stored = (messages.value ?? []).filter(({ deleted }) => deleted === undefined);
  const known = new Set(stored.map(({ id }) => id));
  const queued = outbox.value
    .filter((message) => message.peerId === peerId)
    .map((message): Seen => [idOf({ senderId: session.id, messageId: message.messageId }), message])
    .filter(([id]) => !known.has(id));
  return [...stored.map((message): Seen => [message.id, message]), ...queued].filter(
    ([, { type, content }]) => type === "file" && kindOf(readShown(content).mediaType) === "Picture",
  );
}

/** A picture in the whole window. The arrows and swipes go to the others, Escape and a swipe down back. */
export function Viewer({ timeline }: { timeline: Timeline }): VNode | null {
  const pictures = usePictures(timeline);
  const index = pictures.findIndex(([id]) => id === viewed.value);
  const picture = pictures[index];
  useEffect(() => {
    // Its message was deleted.
    if (picture === undefined) viewed.value = undefined;
  }, [picture === undefined]);
  if (picture === undefined) return null;
  return <Large picture={picture} place={[index + 1, pictures.length]} go={(step) => goTo(pictures[index + step])} />;
}

function goTo(picture: Seen | undefined): void {
  if (picture !== undefined) viewed.value = picture[0];
}

interface LargeProps {
  readonly picture: Seen;
  /** Which one of how many. */
  readonly place: readonly [number, number];
  /** Shows one that is so many steps later. */
  go(step: number): void;
}

function Large({ picture: [id, message], place: [number, count], go }: LargeProps): VNode {
  const view = useFile(message, id);
  const { file, url, blob, held, isSecret, fetch } = view;
  const { name, bytes, preview, size } = file;
  const dialog = useRef<HTMLDialogElement>(null);
  const stage = useRef<HTMLDivElement>(null);
  const close = () => dialog.current?.close();
  const zooming = useZoom(stage, id, (what) => {
    if (what === "close") close();
    else go(what === "next" ? 1 : -1);
  });
  useEffect(() => {
    dialog.current?.showModal();
    stage.current?.focus();
  }, []);
  useEffect(() => {
    // The person has asked to see it.
    if (held.state === "absent" && !isSecret) fetch();
  }, [id, held.state === "absent"]);
  const onClose = () => {
    viewed.value = undefined;
    focusAnew(id);
  };
  const onKeyDown = (event: TargetedKeyboardEvent<HTMLDialogElement>) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step !== undefined) go(step);
    else if (!zooming.press(event.key)) return;
    event.preventDefault();
  };
  const { scale, x, y } = zooming.zoom;
  const time = "sentAt" in message ? message.sentAt : message.writtenAt;
  return (
    <dialog ref={dialog} class="viewer" aria-label={`Picture ${name}`} onClose={onClose} onKeyDown={onKeyDown}>
      <div class="viewer-head">
        <p class="file-name">
          <bdi>{name}</bdi>
          <small>
            {count > 1 && `${number} of ${count}, `}
            <time dateTime={time}>{fullTime(time)}</time>
          </small>
        </p>
        {blob && <Press name="Save" icon="save" onPress={() => save(blob, name)} />}
        <Press name="Close" icon="close" onPress={close} />
      </div>
      <div ref={stage} class="viewer-stage" tabIndex={-1} {...zooming.handlers}>
        {url === undefined && (
          <div class="viewer-wait" style={size ? { aspectRatio: `${size.width} / ${size.height}` } : {}}>
            {preview !== undefined && !isSecret && <Thumb hash={preview} />}
            <Waiting view={view} what={`Load picture, ${sizeText(bytes)}`} />
          </div>
        )}
        {url !== undefined && (
          <img
            src={url}
            alt={name}
            draggable={false}
            data-zoomed={scale > 1}
            style={{ transform: `translate(${x}px, ${y}px) scale(${scale})` }}
          />
        )}
      </div>
      {number > 1 && <Press name="Previous picture" icon="back" onPress={() => go(-1)} />}
      {number < count && <Press name="Next picture" icon="next" onPress={() => go(1)} />}
    </dialog>
  );
}

interface PressProps {
  readonly name: string;
  readonly icon: "save" | "close" | "back" | "next";
  onPress(): void;
}

const Press = ({ name, icon, onPress }: PressProps): VNode => (
  <button type="button" class={`round viewer-${icon}`} aria-label={name} title={name} onClick={onPress}>
    <FileIcon name={icon} />
  </button>
);
