import { useSignal } from "@preact/signals";
import type { TargetedMouseEvent, VNode } from "preact";
import { useRef } from "preact/hooks";
import { isBlank } from "../../../lib/contract/visible.ts";
import { type Conversation, isStanding, type QueuedMessage } from "../storage/records.ts";
import { shortened } from "../text/graphemes.ts";
import { saying } from "../text/saying.ts";
import { briefTime, fullTime } from "../text/times.ts";
import { Avatar } from "./Avatar.tsx";
import { useChat } from "./context.ts";
import { useFocusNextLine } from "./focus.ts";
import { Icon } from "./icons.tsx";
import { type Asked, LineMenu } from "./LineMenu.tsx";
import { lastText, prefixOf } from "./lineText.ts";
import { typingIn } from "./typing.ts";
import { useBlocked } from "./useBlocked.ts";

/** The most characters of a message in a line. */
const LONGEST = 120;

/** By the ids of conversations: the last message that is not sent. */
type Queued = ReadonlyMap<string, QueuedMessage>;

/**
 * The list of conversations: pinned ones first, then those with unsent messages, each newest first. Archived ones are behind a
 * disclosure.
 */
export function ConversationList(): VNode {
  const chat = useChat();
  const asked = useSignal<Asked | undefined>(undefined);
  const known = chat.conversations.value;
  const hasRequest = known?.some(({ peerId }) => chat.strangers.isRequest(peerId)) === true;
  // A blocked person's request is not listed as one.
  useBlocked(hasRequest);
  const queued: Queued = new Map(chat.outbox.value.filter(isStanding).map((message) => [message.peerId, message]));
  if (known === undefined) return <p class="empty">Loading…</p>;
  const rank = ({ peerId, settings }: Conversation): number =>
    (settings.isPinned ? 0 : 2) + (queued.has(peerId) ? 0 : 1);
  const sorted = known.toSorted((a, b) => rank(a) - rank(b));
  const archived = sorted.filter(({ settings }) => settings.isArchived);
  const onAsk = (conversation: Conversation, event: TargetedMouseEvent<HTMLElement>) => {
    event.preventDefault();
    const { left, bottom } = event.currentTarget.getBoundingClientRect();
    // A key press has no position.
    const isAtPoint = event.clientX > 0 || event.clientY > 0;
    const place = isAtPoint ? { x: event.clientX, y: event.clientY } : { x: left, y: bottom };
    const open = () => {
      asked.value = { conversation, ...place };
    };
    // Linux and macOS ask when the button goes down. What is open when it comes up, and not under the pointer, is closed by that.
    if (isHeld(event)) addEventListener("pointerup", open, { once: true });
    else open();
  };
  const lines = (shown: readonly Conversation[]) =>
    shown.map((conversation) => (
      <Line
        key={conversation.peerId}
        conversation={conversation}
        queued={queued.get(conversation.peerId)}
        onAsk={onAsk}
      />
    ));
  return (
    <div class="lists">
      <ul class="conversations" aria-label="Conversations">
        {lines(sorted.filter(({ settings }) => !settings.isArchived))}
      </ul>
      {archived.length > 0 && (
        <details class="archived">
          <summary>
            <Icon name="archive" />
            Archived
            <ArchivedCount conversations={archived} />
          </summary>
          <ul class="conversations" aria-label="Archived conversations">
            {lines(archived)}
          </ul>
        </details>
      )}
      {asked.value !== undefined && (
        <LineMenu
          key={asked.value.conversation.peerId}
          asked={asked.value}
          onClose={() => {
            asked.value = undefined;
          }}
        />
      )}
    </div>
  );
}

/** How many messages in archived conversations are unread, as their lines say. */
function ArchivedCount({ conversations }: { conversations: readonly Conversation[] }): VNode | null {
  const count = conversations.reduce((sum, { unread }) => sum + unread, 0);
  return count === 0 ? null : <Badge count={count} isSubdued />;
}

/** Whether a mouse's button is down that asks for a menu: the second one, or on a Mac the first one with Ctrl. */
const isHeld = ({ buttons, ctrlKey }: MouseEvent): boolean => buttons === 2 || (buttons === 1 && ctrlKey);

interface LineProps {
  readonly conversation: Conversation;
  readonly queued: QueuedMessage | undefined;
  /** The person asks for its menu. */
  onAsk(conversation: Conversation, event: TargetedMouseEvent<HTMLElement>): void;
}

function Line({ conversation, queued, onAsk }: LineProps): VNode {
  const chat = useChat();
  const { peerId, last, settings, isGroup } = conversation;
  const name = chat.groups.of(peerId)?.name ?? conversation.name;
  const isOpen = chat.reading.timeline.value?.peerId === peerId && chat.reading.to.value === "";
  const time = queued === undefined ? last?.sentAt : undefined;
  const line = useRef<HTMLLIElement>(null);
  useFocusNextLine(line);
  return (
    <li ref={line}>
      <button
        type="button"
        aria-current={isOpen}
        onClick={() => chat.attempt(chat.reading.open(peerId))}
        onContextMenu={(event) => onAsk(conversation, event)}
      >
        <Avatar name={name} isGroup={isGroup} />
        <span class="name">{name}</span>
        <span class="when">
          {settings.isMuted && <Mark icon="muted" says="Muted" />}
          {settings.isPinned && <Mark icon="pin" says="Pinned" />}
          {time !== undefined && (
            <time dateTime={time} title={fullTime(time)}>
              {briefTime(time)}
            </time>
          )}
        </span>
        <Preview conversation={conversation} queued={queued} isOpen={isOpen} />
        <Unread conversation={conversation} isOpen={isOpen} />
      </button>
    </li>
  );
}

const Mark = ({ icon, says }: { icon: "muted" | "pin"; says: string }): VNode => (
  <span class="mark" title={says}>
    <Icon name={icon} />
    <span class="visually-hidden">{says} </span>
  </span>
);

type Shown = Pick<LineProps, "conversation" | "queued"> & { readonly isOpen: boolean };

/** What is to be sent; else the draft, where the conversation is not open; else the newest message. */
function Preview({ conversation: { peerId, last, isGroup }, queued, isOpen }: Shown): VNode {
  const chat = useChat();
  const group = chat.groups.of(peerId);
  // The draft of the open conversation is not read: its keys would draw the line anew.
  const draft = isOpen ? "" : chat.drafts.textOf(peerId).value;
  const isDraft = !isBlank(draft) && queued === undefined;
  const text = queued ? saying(queued).text : last ? lastText(last, chat.session.id, group) : "";
  const typing = typingIn(chat, peerId, group?.members);
  const isBlocked = chat.account.isBlocked(peerId);
  const isAsked = (last !== undefined || isGroup) && !isBlocked && chat.strangers.isUndecided(peerId);
  const tag = isAsked && <span class="tag">Request</span>;
  if (typing !== undefined) {
    return (
      <span class="preview">
        {tag}
        <span class="said typing">{typing}</span>
      </span>
    );
  }
  return (
    <span class="preview">
      {tag}
      {/* Apart, so that the message alone decides its direction. */}
      <span class={isDraft ? "prefix draft" : "prefix"}>{isDraft ? "Draft: " : prefixOf(queued, last)}</span>
      <span class="said" dir="auto">
        {shortened(isDraft ? draft : text, LONGEST)}
      </span>
    </span>
  );
}

function Unread({ conversation: { unread, settings }, isOpen }: Omit<Shown, "queued">): VNode | null {
  const { reading } = useChat();
  if (unread === 0 || (isOpen && reading.timeline.value?.isPinned.value)) return null;
  return <Badge count={unread} isSubdued={settings.isMuted} />;
}

/** A number of unread messages. */
const Badge = ({ count, isSubdued }: { count: number; isSubdued: boolean }): VNode => (
  <span class={isSubdued ? "badge subdued" : "badge"}>
    {count > 999 ? "999+" : count}
    <span class="visually-hidden"> unread</span>
  </span>
);
