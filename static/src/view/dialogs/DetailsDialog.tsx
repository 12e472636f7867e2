import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect } from "preact/hooks";
import { LARGEST_GROUP, type User } from "../../../../lib/client/index.ts";
import type { StoredMessage } from "../../storage/records.ts";
import { fullTime } from "../../text/times.ts";
import { useChat } from "../context.ts";
import { Dialog } from "./Dialog.tsx";
import { membersThen } from "./membersThen.ts";

interface DetailsDialogProps {
  readonly message: StoredMessage;
  /** Of the group that the conversation is, as far as it is known here. */
  readonly members?: readonly User[] | undefined;
  onClose(): void;
}

/** When a message was sent, edited, delivered and read; in a group, who has read it and who has not. */
export function DetailsDialog({ message, members, onClose }: DetailsDialogProps): VNode {
  const chat = useChat();
  const { session } = chat;
  const { tellsRead } = chat.settings;
  const events = useSignal<readonly StoredMessage[] | undefined>(undefined);
  const { senderId, sentAt, edited, deleted, receipts = {}, conversationId } = message;
  const receipt = receipts[conversationId];
  const others = senderId === session.id ? members?.filter(({ id }) => id !== session.id) : undefined;
  useEffect(() => {
    const show = (found: readonly StoredMessage[]) => {
      events.value = found;
    };
    if (others !== undefined) chat.eventsAfter(message).then(show, () => show([]));
  }, []);
  return (
    <Dialog title="Message details" onClose={onClose}>
      <dl class="details">
        <Moment what="Sent" time={sentAt} />
        <Moment what="Edited" time={edited?.sentAt} />
        <Moment what="Deleted" time={deleted} />
        <Moment what="Delivered" time={receipt?.delivered} />
        <Moment what="Read" time={tellsRead.value ? receipt?.read : undefined} />
      </dl>
      {others !== undefined && events.value !== undefined && tellsRead.value && (
        <Readers
          members={others}
          then={membersThen(others, events.value)}
          receipts={receipts}
          isLarge={(members?.length ?? 0) > LARGEST_GROUP}
        />
      )}
    </Dialog>
  );
}

function Moment({ what, time }: { what: string; time: string | undefined }): VNode | null {
  if (time === undefined) return null;
  return (
    <div>
      <dt>{what}</dt>
      <dd>
        <time dateTime={time}>{fullTime(time)}</time>
      </dd>
    </div>
  );
}

type Receipts = NonNullable<StoredMessage["receipts"]>;

interface ReadersProps {
  readonly members: readonly User[];
  /** Those of them that were in the group when the message was sent: the others cannot have it. */
  readonly then: readonly User[];
  readonly receipts: Receipts;
  /** Nobody says in it what they have read. */
  readonly isLarge: boolean;
}

/** The others of a group: those who have read the message, first ones first, and the rest of those who got it. */
function Readers({ members, then, receipts, isLarge }: ReadersProps): VNode {
  const readAt = ({ id }: User): string | undefined => receipts[id]?.read;
  const have = members
    .filter((member) => readAt(member) !== undefined)
    .toSorted((a, b) => ((readAt(a) ?? "") < (readAt(b) ?? "") ? -1 : 1));
  const not = then.filter((member) => readAt(member) === undefined);
  return (
    <>
      <People title="Read by" people={have} timeOf={readAt} />
      {isLarge ? (
        have.length === 0 && (
          <p>In a group of more than {LARGEST_GROUP} people, nobody is told who has read a message.</p>
        )
      ) : (
        <People title="Not read yet by" people={not} timeOf={readAt} />
      )}
    </>
  );
}

interface PeopleProps {
  readonly title: string;
  readonly people: readonly User[];
  timeOf(person: User): string | undefined;
}

function People({ title, people, timeOf }: PeopleProps): VNode | null {
  if (people.length === 0) return null;
  return (
    <section>
      <h3>{title}</h3>
      <ul class="readers">
        {people.map((person) => {
          const time = timeOf(person);
          return (
            <li key={person.id}>
              <span>{person.username}</span>
              {time !== undefined && <time dateTime={time}>{fullTime(time)}</time>}
            </li>
          );
        })}
      </ul>
    </section>
  );
}
