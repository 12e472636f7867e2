import { useSignal } from "@preact/signals";
import type { ComponentChildren, VNode } from "preact";
import { useRef } from "preact/hooks";
import type { OwnChange } from "../../../lib/client/index.ts";
import { archiving, muting } from "../chat/conversationChanges.ts";
import type { Conversation } from "../storage/records.ts";
import { BlockDialog, DeleteConversationDialog } from "./ConversationDialog.tsx";
import { useChat } from "./context.ts";
import { explainChange } from "./dialogs/explain.ts";
import { useAttempt } from "./dialogs/useAttempt.ts";
import { Icon } from "./icons.tsx";
import { menuKeys } from "./menuKeys.ts";
import { placeBelow } from "./placing.ts";
import { useBlocked } from "./useBlocked.ts";

interface ConversationMenuProps {
  readonly conversation: Conversation;
  /** More entries: buttons. A press on any of them closes the menu. */
  readonly children?: ComponentChildren;
}

/** What the person can do with the open conversation. */
export function ConversationMenu({ conversation, children }: ConversationMenuProps): VNode {
  const button = useRef<HTMLButtonElement>(null);
  const menu = useRef<HTMLDivElement>(null);
  const { problem, isBusy, attempt } = useAttempt();
  const shown = useSignal<"block" | "delete" | undefined>(undefined);
  const open = (name: "block" | "delete") => {
    shown.value = name;
  };
  const onClose = () => {
    shown.value = undefined;
  };
  const user = { id: conversation.peerId, username: conversation.name };
  return (
    <>
      {problem.value !== undefined && <span role="alert">{problem.value}</span>}
      <button ref={button} type="button" class="round" aria-label="Conversation menu" popovertarget="conversation-menu">
        <Icon name="more" />
      </button>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the buttons in it are what is pressed */}
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the key of a button is a click, too */}
      <div
        ref={menu}
        id="conversation-menu"
        class="menu of-conversation"
        popover="auto"
        onBeforeToggle={() => placeBelow(menu.current, button.current)}
        {...menuKeys}
        onClick={({ target, currentTarget }) => {
          if (!isEntry(target)) return;
          currentTarget.hidePopover();
          // A dialog that opens now gives the focus back to it.
          button.current?.focus();
        }}
      >
        <Settings conversation={conversation} />
        {children}
        {!conversation.isGroup && (
          <Block
            userId={user.id}
            isBusy={isBusy.value}
            onBlock={() => open("block")}
            onUnblock={(unblock) => void attempt(unblock, explainChange)}
          />
        )}
        <button type="button" class="danger" onClick={() => open("delete")}>
          <Icon name="trash" />
          Delete conversation here
        </button>
      </div>
      {shown.value === "block" && <BlockDialog user={user} onClose={onClose} />}
      {shown.value === "delete" && <DeleteConversationDialog peerId={user.id} name={user.username} onClose={onClose} />}
    </>
  );
}

/** Whether what was pressed is an entry of a menu. */
export const isEntry = (target: EventTarget | null): boolean =>
  target instanceof Element && target.closest("button") !== null;

/** What the person's devices agree on. */
export function Settings({ conversation }: { conversation: Conversation }): VNode {
  const chat = useChat();
  const { peerId, settings } = conversation;
  const { isMuted, isPinned, isArchived } = settings;
  const tell = (change: OwnChange) => () => chat.attempt(chat.writing.tellOwn({ [peerId]: change }));
  return (
    <>
      <button type="button" onClick={tell(muting(conversation, !isMuted))}>
        <Icon name={isMuted ? "bell" : "muted"} />
        {isMuted ? "Unmute" : "Mute"}
      </button>
      <button type="button" onClick={tell({ pinned: !isPinned })}>
        <Icon name="pin" />
        {isPinned ? "Unpin" : "Pin"}
      </button>
      <button type="button" onClick={tell(archiving(conversation, !isArchived))}>
        <Icon name="archive" />
        {isArchived ? "Unarchive" : "Archive"}
      </button>
    </>
  );
}

interface BlockProps {
  readonly userId: string;
  readonly isBusy: boolean;
  onBlock(): void;
  onUnblock(unblock: () => Promise<void>): void;
}

/** Blocks and unblocks the person of the conversation. */
function Block({ userId, isBusy, onBlock, onUnblock }: BlockProps): VNode | null {
  const { account, session } = useChat();
  useBlocked(true);
  if (userId === session.id) return null;
  const isBlocked = account.blocked.value?.has(userId);
  return (
    <button
      type="button"
      aria-disabled={isBusy}
      onClick={() => (isBlocked ? onUnblock(() => account.unblock(userId)) : onBlock())}
    >
      <Icon name="block" />
      {isBlocked ? "Unblock" : "Block"}
    </button>
  );
}
