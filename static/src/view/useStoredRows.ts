import type { VNode } from "preact";
import { useMemo, useRef } from "preact/hooks";
import type { Timeline } from "../chat/timeline.ts";
import { today } from "../text/times.ts";
import { useChat } from "./context.ts";
import { isSameRow, type Row, rowsOf } from "./rows.ts";
import { storedRow } from "./StoredRow.tsx";

interface Drawn {
  readonly row: Row;
  readonly node: VNode;
}

/**
 * Draws the messages of the history. A row that has not changed is the same node as before, which Preact skips: a new
 * message costs one row, however many there are.
 */
export function useStoredRows(timeline: Timeline, name: string): readonly VNode[] {
  const { session, outbox } = useChat();
  const queued = outbox.value;
  const drawn = useRef({ name, day: "", rows: new Map<string, Drawn>() });
  const messages = timeline.messages.value;
  const divider = timeline.divider.value;
  const day = today.value;
  return useMemo(() => {
    const isSame = drawn.current.name === name && drawn.current.day === day;
    const before = isSame ? drawn.current.rows : new Map<string, Drawn>();
    const rows = rowsOf(messages ?? [], divider, session, queued).map((row): [string, Drawn] => {
      const { id } = row.message;
      const known = before.get(id);
      if (known !== undefined && isSameRow(known.row, row)) return [id, known];
      return [id, { row, node: storedRow(row, name, timeline) }];
    });
    drawn.current = { name, day, rows: new Map(rows) };
    return rows.map(([, { node }]) => node);
  }, [messages, divider, session, queued, name, day, timeline]);
}
