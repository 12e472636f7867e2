import type { VNode } from "preact";
import { clockTime, dayName, fullTime } from "../text/times.ts";
import { Icon } from "./icons.tsx";
import type { Row } from "./rows.ts";
import { Text } from "./Text.tsx";

/** A message of the history, with the lines that are drawn above it. */
export function StoredRow({ row, name }: { row: Row; name: string }): VNode {
  const { message, isOwn, isContinued } = row;
  return (
    <div class="row" data-id={message.id}>
      {row.isFirstOfDay && <h3 class="day">{dayName(message.sentAt)}</h3>}
      {row.isFirstNew && <p class="divider">New</p>}
      <article class="bubble" data-own={isOwn} data-continued={isContinued}>
        <span class="visually-hidden">{isOwn ? "You" : name}: </span>
        <Text text={message.content} />
        <span class="meta">
          <time dateTime={message.sentAt} title={fullTime(message.sentAt)}>
            {clockTime(message.sentAt)}
          </time>
          {isOwn && (
            <>
              <Icon name="check" />
              <span class="visually-hidden">Sent</span>
            </>
          )}
        </span>
      </article>
    </div>
  );
}
