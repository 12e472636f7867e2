import type { VNode } from "preact";
import { clockTime, fullTime } from "../text/times.ts";
import { Icon } from "./icons.tsx";
import { MessageRow } from "./MessageRow.tsx";
import { progressOf } from "./OutgoingRow.tsx";
import type { Row } from "./rows.ts";

/** A message of the history, with the lines that are drawn above it. */
export const storedRow = (row: Row, name: string): VNode => (
  <MessageRow
    key={row.message.id}
    id={row.message.id}
    content={row.message.content}
    isOwn={row.isOwn}
    name={name}
    isContinued={row.isContinued}
    above={<Above row={row} />}
    {...(row.queued === undefined ? { meta: <Meta row={row} /> } : progressOf(row.queued))}
  />
);

const Above = ({ row: { day, isFirstNew } }: { row: Row }): VNode => (
  <>
    {day !== undefined && <h3 class="day">{day}</h3>}
    {isFirstNew && <p class="divider">New</p>}
  </>
);

const Meta = ({ row: { message, isOwn } }: { row: Row }): VNode => (
  <>
    <time dateTime={message.sentAt} title={fullTime(message.sentAt)}>
      {clockTime(message.sentAt)}
    </time>
    {isOwn && (
      <>
        <Icon name="check" />
        <span class="visually-hidden">Sent</span>
      </>
    )}
  </>
);
