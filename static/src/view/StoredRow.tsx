import type { VNode } from "preact";
import { isGroupId } from "../../../lib/client/index.ts";
import type { Timeline } from "../chat/timeline.ts";
import { listed } from "../text/listed.ts";
import { clockTime, fullTime } from "../text/times.ts";
import { Actions } from "./Actions.tsx";
import { EventRow } from "./EventRow.tsx";
import { useGroup } from "./group.ts";
import { MessageRow } from "./MessageRow.tsx";
import { progressOf, troubleOf } from "./OutgoingRow.tsx";
import { Quote } from "./Quote.tsx";
import { ReactionList } from "./ReactionList.tsx";
import type { Row } from "./rows.ts";
import { Ticks } from "./Ticks.tsx";

/** A message of the history, or an event of a group, with the lines that are drawn above it. */
export const storedRow = (row: Row, name: string, timeline: Timeline): VNode =>
  row.message.type === "group" ? (
    <EventRow key={row.message.id} message={row.message} above={<Above row={row} />} />
  ) : (
    messageRow(row, name, timeline)
  );

const messageRow = (row: Row, name: string, timeline: Timeline): VNode => (
  <MessageRow
    key={row.message.id}
    id={row.message.id}
    message={row.message}
    isOwn={row.isOwn}
    name={isGroupId(row.message.conversationId) ? row.message.senderName : name}
    isNamed={isGroupId(row.message.conversationId)}
    isContinued={row.isContinued}
    above={<Above row={row} />}
    quote={row.message.about !== undefined && <Quote message={row.message} name={name} timeline={timeline} />}
    below={
      <>
        <ReactionList message={row.message} />
        {row.message.missedBy && <MissedBy ids={row.message.missedBy} />}
      </>
    }
    actions={row.queued === undefined && <Actions message={row.message} timeline={timeline} />}
    {...(row.queued === undefined ? { meta: <Meta row={row} />, ...troubleOf(row.stuck) } : progressOf(row.queued))}
  />
);

/** Says who of a group misses a message. */
function MissedBy({ ids }: { ids: readonly string[] }): VNode {
  const members = useGroup()?.members ?? [];
  const names = ids.map((id) => members.find((member) => member.id === id)?.username ?? "somebody who has left");
  return (
    <p class="missed">
      {listed(names, "another member")} {names.length === 1 ? "misses" : "miss"} this message: too many messages wait
      for them.
    </p>
  );
}

const Above = ({ row: { day, isFirstNew } }: { row: Row }): VNode => (
  <>
    {day !== undefined && <h3 class="day">{day}</h3>}
    {isFirstNew && <p class="divider">New</p>}
  </>
);

const Meta = ({ row: { message, isOwn } }: { row: Row }): VNode => (
  <>
    {message.edited && <span title={fullTime(message.edited.sentAt)}>edited</span>}
    <time dateTime={message.sentAt} title={fullTime(message.sentAt)}>
      {clockTime(message.sentAt)}
    </time>
    {isOwn && message.deleted === undefined && <Ticks message={message} />}
  </>
);
