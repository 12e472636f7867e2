import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { FILE_BYTES } from "../../../lib/contract/files.ts";
import { explain } from "../chat/explain.ts";
import type { Timeline } from "../chat/timeline.ts";
import { counted } from "../text/counts.ts";
import { sizeText } from "../text/sizes.ts";
import { useChat } from "../view/context.ts";
import { closeAround, Dialog } from "../view/dialogs/Dialog.tsx";
import { FileIcon } from "./icons.tsx";
import { isScalable, type Prepared, prepare, UnreadablePicture } from "./preparing.ts";
import { kindOf, safeType, shownName } from "./reading.ts";
import { sendFile } from "./sending.ts";
import { WholeImage } from "./WholeImage.tsx";
import { explainFile } from "./words.ts";

/** The most files at once. */
const MOST = 20;

interface SendDialogProps {
  readonly files: readonly File[];
  readonly timeline: Timeline;
  /** What the conversation is called. */
  readonly name: string;
  onClose(): void;
}

/** A file that was chosen. */
interface Item {
  readonly file: File;
  /** Why it cannot be sent. */
  readonly problem?: string;
  /** This browser cannot read the picture: only all of it can be sent. */
  readonly isWhole?: boolean;
}

const TOO_LARGE = `It is too large: a file has at most ${sizeText(FILE_BYTES)}.`;
const UNREADABLE = "It cannot be read. It may be a folder, or have been moved or deleted.";
const WHOLE_ONLY =
  "This browser cannot resize this picture. Press Send again to send the original, including what the camera stored in it, such as the location.";

const items = (files: readonly File[]): Item[] =>
  files.slice(0, MOST).map((file) => ({
    file,
    ...(file.size > FILE_BYTES && !isScalable(file) && { problem: TOO_LARGE }),
  }));

/** Shows what was chosen, and sends it. */
export function SendDialog({ files, timeline, name, onClose }: SendDialogProps): VNode {
  const chat = useChat();
  const list = useSignal<readonly Item[]>(items(files));
  const isWhole = useSignal(false);
  const isBusy = useSignal(false);
  const problem = useSignal<string | undefined>(
    files.length > MOST ? `You can send up to ${MOST} files at once. The others are left out.` : undefined,
  );
  const content = useRef<HTMLFormElement>(null);
  const isClosed = useRef(false);
  useEffect(() => {
    content.current?.querySelector<HTMLElement>("button.primary")?.focus();
    return () => {
      isClosed.current = true;
    };
  }, []);
  const all = list.value;
  const hasPictures = all.some(({ file }) => isScalable(file));
  const isEmpty = all.length === 0;
  useEffect(() => {
    if (isEmpty) closeAround(content.current);
  }, [isEmpty]);

  const remove = (item: Item) => {
    list.value = list.value.filter((other) => other !== item);
    content.current?.querySelector<HTMLElement>("button.primary")?.focus();
  };

  /** Sends one file. @returns what is left of it to be decided */
  const send = async (item: Item): Promise<Item | undefined> => {
    try {
      const prepared = await prepare(item.file, isWhole.value || item.isWhole === true);
      if (prepared.file.size > FILE_BYTES) return { ...item, problem: TOO_LARGE };
      await checkReadable(prepared);
      await sendFile(chat, timeline, prepared);
      return undefined;
    } catch (error) {
      if (error instanceof UnreadablePicture) return { ...item, isWhole: true, problem: WHOLE_ONLY };
      if (isUnreadable(error)) return { ...item, problem: UNREADABLE };
      problem.value = error instanceof DOMException ? explain(error) : explainFile(error);
      return item;
    }
  };

  const sendAll = async () => {
    if (isBusy.value) return;
    isBusy.value = true;
    problem.value = undefined;
    // One after the other: they go out in this order, and large pictures take much memory.
    for (const item of list.value) {
      // The person may have removed it meanwhile, or closed the dialog.
      if (isClosed.current || !list.value.includes(item)) continue;
      const rest = await send(item);
      list.value = list.value.flatMap((one) => (one === item ? (rest ?? []) : one));
    }
    isBusy.value = false;
    void chat.reading.toEnd(timeline.peerId);
  };

  return (
    <Dialog title={`Send ${counted(all.length, "file")} to ${name}`} onClose={onClose}>
      <form
        ref={content}
        class="sending"
        onSubmit={(event) => {
          event.preventDefault();
          void sendAll();
        }}
      >
        <ul>
          {all.map((item) => (
            <Chosen key={item.file} item={item} isWhole={isWhole.value} onRemove={() => remove(item)} />
          ))}
        </ul>
        {hasPictures && (
          <div class="setting">
            <label>
              <input
                type="checkbox"
                checked={isWhole.value}
                aria-describedby="as-files"
                onChange={({ currentTarget }) => {
                  isWhole.value = currentTarget.checked;
                }}
              />
              Send pictures as files
            </label>
            <p id="as-files" class="hint">
              {isWhole.value
                ? "They are sent in full size, with everything that the camera stored in them, such as the location."
                : "They are sent in a smaller size, without what the camera stored in them, such as the location."}
            </p>
          </div>
        )}
        {problem.value !== undefined && (
          <p class="message-bar" role="alert">
            {problem.value}
          </p>
        )}
        <button type="submit" class="primary" aria-disabled={isBusy.value}>
          {isBusy.value ? "Preparing…" : "Send"}
        </button>
      </form>
    </Dialog>
  );
}

/** A file on the disk may be gone, and a folder is none. */
const checkReadable = ({ file }: Prepared): Promise<ArrayBuffer> => file.slice(0, 1).arrayBuffer();

const isUnreadable = (error: unknown): boolean =>
  error instanceof DOMException && ["NotReadableError", "NotFoundError"].includes(error.name);

function Chosen({ item, isWhole, onRemove }: { item: Item; isWhole: boolean; onRemove(): void }): VNode {
  const { file, problem } = item;
  const name = shownName(file.name);
  const isPicture = kindOf(file.type) === "Picture";
  const url = useMemo(() => (isPicture ? URL.createObjectURL(file.slice(0, file.size, safeType(file.type))) : ""), []);
  useEffect(() => () => URL.revokeObjectURL(url), []);
  const isSmaller = isScalable(file) && !isWhole && !item.isWhole;
  return (
    <li>
      {isPicture ? <WholeImage src={url} /> : <FileIcon name="file" />}
      <span class="file-name">
        <bdi>{name}</bdi>
        <small>{isSmaller ? `Picture, ${sizeText(file.size)} before it is made smaller` : sizeText(file.size)}</small>
        {problem !== undefined && <small role="alert">{problem}</small>}
      </span>
      <button type="button" class="round" aria-label={`Remove ${name}`} title="Remove" onClick={onRemove}>
        <FileIcon name="close" />
      </button>
    </li>
  );
}
