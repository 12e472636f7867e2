import type { VNode } from "preact";
import { useRef } from "preact/hooks";
import { reactionsOf } from "../../../lib/client/index.ts";
import type { StoredMessage } from "../storage/records.ts";
import { useChat } from "./context.ts";
import { useFocusBack } from "./focus.ts";
import { useGroup } from "./group.ts";

const LIST = new Intl.ListFormat("en-GB");

/** The reactions to a message, and who has them. A press gives the same one, or takes one's own back. */
export function ReactionList({ message }: { message: StoredMessage }): VNode | null {
  const chat = useChat();
  const isGone = useGroup()?.gone !== undefined;
  const all = message.deleted === undefined ? reactionsOf(message) : [];
  if (all.length === 0) return null;
  const ownId = chat.session.id;
  return (
    <div class="reactions" data-own={message.senderId === ownId}>
      {all.map(({ emoji, people }) => {
        const isMine = people.some(({ id }) => id === ownId);
        const names = LIST.format(people.map(({ id, name }) => (id === ownId ? "You" : name)));
        return (
          <Chip
            key={emoji}
            emoji={emoji}
            count={people.length}
            names={names}
            isMine={isMine}
            isReadOnly={
              isGone ||
              chat.account.isBlocked(message.conversationId) ||
              chat.strangers.isRequest(message.conversationId)
            }
            onPress={() => chat.attempt(chat.writing.say("reaction", message, isMine ? "" : emoji))}
          />
        );
      })}
    </div>
  );
}

interface ChipProps {
  readonly emoji: string;
  /** The number of people who have it. */
  readonly count: number;
  readonly names: string;
  readonly isMine: boolean;
  /** In a group that one is not in any more, in a request, and of a blocked person, they can only be read. */
  readonly isReadOnly: boolean;
  onPress(): void;
}

function Chip({ emoji, count, names, isMine, isReadOnly, onPress }: ChipProps): VNode {
  const button = useRef<HTMLButtonElement>(null);
  useFocusBack(button);
  return (
    <button
      ref={button}
      type="button"
      aria-pressed={isMine}
      aria-label={`${emoji} ${names}`}
      title={names}
      disabled={isReadOnly}
      onClick={onPress}
    >
      {emoji} {count > 1 && count}
    </button>
  );
}
