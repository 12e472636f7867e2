import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { useChat } from "../view/context.ts";
import { focusArticle } from "../view/focus.ts";
import { FileCard } from "./FileCard.tsx";
import { Picture } from "./Picture.tsx";
import { Player } from "./Player.tsx";
import { Transfer } from "./Transfer.tsx";
import { type FileMessage, type FileView, useFile } from "./useFile.ts";
import { VoiceBody } from "./voice/VoiceBody.tsx";

/** The file of a message: a picture, something that plays, or a card that saves it. */
export function FileBody({ id, message }: { id: string; message: FileMessage }): VNode {
  const view = useFile(message, id);
  const [isUnshowable, setUnshowable] = useState(false);
  const transfer = useTransfer(message, view);
  const props = { id, view, transfer, onUnshowable: () => setUnshowable(true) };
  const { kind } = view.file;
  if (isUnshowable || kind === "File") return <FileCard {...props} isUnshowable={isUnshowable} />;
  if (view.file.waveform !== undefined) return <VoiceBody {...props} />;
  return kind === "Picture" ? <Picture {...props} /> : <Player {...props} />;
}

function useTransfer(message: FileMessage, { file, held, uploaded, stop }: FileView): VNode | undefined {
  const chat = useChat();
  const { name } = file;
  if (held.state === "loading")
    return <Transfer label={`Loading ${name}`} part={held.part ?? 0} cancel={`Stop loading ${name}`} onCancel={stop} />;
  // A problem has buttons of its own.
  if (uploaded === undefined || !("sequence" in message) || message.problem !== undefined) return undefined;
  const cancel = () => {
    focusArticle(document.activeElement);
    chat.attempt(chat.writing.discard(message));
  };
  return <Transfer label={`Sending ${name}`} part={uploaded} cancel={`Cancel ${name}`} onCancel={cancel} />;
}
