import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Timeline } from "../chat/timeline.ts";
import type { StoredMessage } from "../storage/records.ts";
import { useChat } from "./context.ts";
import { focusArticle, useFocusBack } from "./focus.ts";
import { useGroup } from "./group.ts";
import { Icon } from "./icons.tsx";
import { react, reactionOf } from "./reaction.ts";

const QUICK = ["👍", "❤️", "😂", "😮", "😢", "🙏"] as const;

interface ActionsBarProps {
  readonly message: StoredMessage;
  readonly timeline: Timeline;
}

/** The actions on a message as a row of buttons, or the quick reactions in its place. */
export function ActionsBar({ message, timeline }: ActionsBarProps): VNode {
  const chat = useChat();
  const { reading, session } = chat;
  // In a group that one is not in any more nothing can be said, and to a blocked person neither.
  const isGone = useGroup()?.gone !== undefined;
  const isOver = isGone || chat.account.isBlocked(message.conversationId);
  const isReacting = useSignal(false);
  const isOwn = message.senderId === session.id;
  const isText = (message.type === undefined || message.type === "text") && message.deleted === undefined;
  const open = (what: "Delete" | "Details" | "More") => () => {
    timeline.open.value = { message, what };
  };
  const bar = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (isReacting.value) bar.current?.querySelector("button")?.focus({ preventScroll: true });
  }, [isReacting.value]);
  if (isReacting.value && !isOver) {
    const press = (emoji: string) => () => {
      // The button is about to disappear.
      focusArticle(bar.current);
      isReacting.value = false;
      react(chat, message, emoji);
    };
    return (
      <div ref={bar} class="actions-bar" role="toolbar" aria-label="Reactions" data-own={isOwn}>
        {QUICK.map((emoji) => (
          <button
            key={emoji}
            type="button"
            aria-pressed={emoji === reactionOf(message, session.id)}
            onClick={press(emoji)}
          >
            {emoji}
          </button>
        ))}
        <Action
          name="More"
          icon="plus"
          onPress={() => {
            // The actions are back when the dialog is closed.
            focusArticle(bar.current);
            isReacting.value = false;
            open("More")();
          }}
        />
      </div>
    );
  }
  const reply = () => {
    reading.begun.reply(timeline, message);
    document.querySelector<HTMLElement>(".composer textarea")?.focus();
  };
  return (
    <div class="actions-bar" role="toolbar" aria-label="Message actions" data-own={isOwn}>
      {!isOver && message.deleted === undefined && (
        <>
          <Action name="Reply" icon="reply" onPress={reply} />
          {/* Unlike a reply, it would not accept the request. */}
          {!chat.strangers.isRequest(message.conversationId) && (
            <Action
              name="React"
              icon="smile"
              onPress={() => {
                isReacting.value = true;
              }}
            />
          )}
        </>
      )}
      {isText && navigator.clipboard && (
        <Action name="Copy text" icon="copy" onPress={() => void navigator.clipboard.writeText(message.content)} />
      )}
      {isOwn && isText && !isOver && (
        <Action name="Edit" icon="edit" onPress={() => reading.begun.edit(timeline, message)} />
      )}
      <Action name="Delete" icon="trash" onPress={open("Delete")} />
      <Action name="Details" icon="info" onPress={open("Details")} />
    </div>
  );
}

interface ActionProps {
  readonly name: string;
  readonly icon: Parameters<typeof Icon>[0]["name"];
  onPress(): void;
}

function Action({ name, icon, onPress }: ActionProps): VNode {
  const button = useRef<HTMLButtonElement>(null);
  useFocusBack(button);
  return (
    <button ref={button} type="button" aria-label={name} title={name} onClick={onPress}>
      <Icon name={icon} />
    </button>
  );
}
