import type { VNode } from "preact";
import { useMemo } from "preact/hooks";
import { clockTime, dayName, fullTime } from "../text/times.ts";
import { Icon } from "./icons.tsx";
import type { Row } from "./rows.ts";
import { Text } from "./Text.tsx";

/** A message of the history, with the lines that are drawn above it. Drawn again only when something of it changes. */
export function StoredRow({ row, name }: { row: Row; name: string }): VNode {
  const { message, isOwn, isContinued, isFirstNew } = row;
  const day = row.isFirstOfDay ? dayName(message.sentAt) : undefined;
  return useMemo(
    () => (
      <div class="row" data-id={message.id}>
        {day !== undefined && <h3 class="day">{day}</h3>}
        {isFirstNew && <p class="divider">New</p>}
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
    ),
    [message, isOwn, isContinued, isFirstNew, day, name],
  );
}
