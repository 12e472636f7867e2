import type { VNode } from "preact";
import type { Timeline } from "../chat/timeline.ts";
import { compare, type StoredMessage } from "../storage/records.ts";
import { DeleteMessageDialog, DetailsDialog } from "./ConversationDialog.tsx";
import { useChat } from "./context.ts";
import { EditDialog } from "./dialogs/EditDialog.tsx";
import { focusAnew } from "./focus.ts";
import { useGroup } from "./group.ts";
import { LazyPicker } from "./LazyPicker.tsx";
import { react, reactionOf } from "./reaction.ts";

/** What is open about a message of the conversation. It stands outside of the log, which screen readers announce. */
export function MessageDialogs({ timeline }: { timeline: Timeline }): VNode | null {
  const chat = useChat();
  const members = useGroup()?.members;
  const edit = timeline.editing.value;
  const messages = timeline.messages.value ?? [];
  /** The button that has opened a dialog may be gone, and so may the message: then the next one gets the focus. */
  const focusBack = (message: StoredMessage) =>
    focusAnew((messages.find((one) => compare(one, message) >= 0) ?? messages.at(-1))?.id ?? "");
  if (edit !== undefined)
    return <EditDialog key={edit.message.id} timeline={timeline} {...edit} onClose={() => focusBack(edit.message)} />;
  const open = timeline.open.value;
  if (open === undefined) return null;
  const { message, what } = open;
  const onClose = () => {
    timeline.open.value = undefined;
    focusBack(message);
  };
  switch (what) {
    case "Delete":
      return <DeleteMessageDialog message={message} onClose={onClose} />;
    case "Details":
      return <DetailsDialog message={message} members={members} onClose={onClose} />;
    case "More":
      return (
        <LazyPicker
          chosen={reactionOf(message, chat.session.id)}
          onChoose={(emoji) => react(chat, message, emoji)}
          onClose={onClose}
        />
      );
  }
}
