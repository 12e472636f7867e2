import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Conversation } from "../storage/records.ts";
import { DeleteConversationDialog } from "./ConversationDialog.tsx";
import { isEntry, Settings } from "./ConversationMenu.tsx";
import { Icon } from "./icons.tsx";
import { menuKeys } from "./menuKeys.ts";
import { placeAt } from "./placing.ts";

/** A line of the list whose menu is open, and the place of the menu. */
export interface Asked {
  readonly conversation: Conversation;
  readonly x: number;
  readonly y: number;
}

/** What the person can do with a line of the list: by a right click, a long press, or the menu's key. */
export function LineMenu({ asked: { conversation, x, y }, onClose }: { asked: Asked; onClose(): void }): VNode {
  const menu = useRef<HTMLDivElement>(null);
  const isDeleting = useSignal(false);
  useEffect(() => {
    const element = menu.current;
    if (element === null || isDeleting.value) return;
    element.showPopover();
    placeAt(element, x, y);
  }, [conversation, x, y]);
  if (isDeleting.value)
    return <DeleteConversationDialog peerId={conversation.peerId} name={conversation.name} onClose={onClose} />;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the buttons in it are what is pressed
    <div
      ref={menu}
      class="menu of-conversation"
      popover="auto"
      onClick={({ target, currentTarget }) => {
        // The focus goes back to the line. A dialog that opens now gives it back there, too.
        if (isEntry(target)) currentTarget.hidePopover();
      }}
      onKeyDown={menuKeys.onKeyDown}
      onToggle={(event) => {
        menuKeys.onToggle(event);
        if (event.newState === "closed" && !isDeleting.value) onClose();
      }}
    >
      <Settings conversation={conversation} />
      <button
        type="button"
        class="danger"
        onClick={() => {
          isDeleting.value = true;
        }}
      >
        <Icon name="trash" />
        Delete conversation here
      </button>
    </div>
  );
}
