import type { RefObject } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { readFileContent } from "../../../lib/client/index.ts";
import type { QueuedMessage, StoredMessage } from "../storage/records.ts";
import { useChat } from "../view/context.ts";
import { damaged, type Held, libraryOf } from "./library.ts";
import { readShown, type ShownFile, safeType } from "./reading.ts";

/** A message with a file, in the history or in the outbox. */
export type FileMessage = StoredMessage | QueuedMessage;

/** A file of a message, as a view needs it. */
export interface FileView {
  readonly file: ShownFile;
  readonly held: Held;
  /** What is here of it. It stays the same while the message goes from the outbox into the history: a picture is decoded once. */
  readonly blob: Blob | undefined;
  /** Its address for an element, with a media type that is allowed. */
  readonly url: string | undefined;
  /** It is a stranger's: nothing is fetched before they are accepted. */
  readonly isSecret: boolean;
  /** The part that is uploaded. Undefined: it is not in the outbox. */
  readonly uploaded: number | undefined;
  fetch(): void;
  stop(): void;
}

/** What there is of the file of a message. @param id Of the message in the history. */
export function useFile(message: FileMessage, id: string): FileView {
  const chat = useChat();
  const library = libraryOf(chat.fileHost);
  const { content } = message;
  const file = useMemo(() => readShown(content), [content]);
  const upload = "upload" in message ? message.upload : undefined;
  const key = useMemo(() => upload ?? readFileContent(content)?.fileId, [content, upload]);
  const conversationId = "peerId" in message && message.peerId ? message.peerId : "";
  const isOwn = id.startsWith(`${chat.session.id}/`);
  const isSecret = !isOwn && chat.strangers.isRequest(conversationId);
  const held = key === undefined ? damaged : library.held(key).value;
  useEffect(() => {
    if (key !== undefined) void library.findKept(key);
  }, [key, held]);
  const first = useRef<{ readonly id: string; readonly blob: Blob | undefined }>({ id, blob: undefined });
  first.current = { id, blob: (first.current.id === id ? first.current.blob : undefined) ?? held.blob };
  const { blob } = first.current;
  const url = useUrl(blob, file.mediaType);
  return {
    ...{ file, held, blob, url, isSecret },
    uploaded: upload !== undefined && "sequence" in message ? library.uploaded(message.sequence).value : undefined,
    fetch: () => void library.fetch(content, { id, conversationId }),
    stop: () => key !== undefined && library.stop(key),
  };
}

/** An address of a content, as long as something shows it. */
function useUrl(blob: Blob | undefined, mediaType: string): string | undefined {
  const url = useMemo(
    () => blob && URL.createObjectURL(blob.slice(0, blob.size, safeType(mediaType))),
    [blob, mediaType],
  );
  useEffect(
    () => () => {
      if (url !== undefined) URL.revokeObjectURL(url);
    },
    [url],
  );
  return url;
}

/** About half a screen before it is seen. */
const AHEAD = "400px";

/** Whether an element has been on the screen, or nearly. */
export function useInSight(ref: RefObject<Element | null>): boolean {
  const [isSeen, setSeen] = useState(false);
  useEffect(() => {
    if (ref.current === null || isSeen) return;
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some(({ isIntersecting }) => isIntersecting)) setSeen(true);
      },
      { rootMargin: AHEAD },
    );
    observer.observe(ref.current);
    return () => observer.disconnect();
  }, [isSeen]);
  return isSeen;
}
