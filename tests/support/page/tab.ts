import { signal } from "@preact/signals";
import { onTestFinished, vi } from "vitest";
import { MessageIds } from "../../../lib/client/index.ts";
import { Begun } from "../../../static/src/chat/begun.ts";
import { DraftKeeper } from "../../../static/src/chat/draftKeeper.ts";
import { FirstMessages } from "../../../static/src/chat/firstMessages.ts";
import { Tabs } from "../../../static/src/chat/tabs.ts";
import { Timeline } from "../../../static/src/chat/timeline.ts";
import { Writing } from "../../../static/src/chat/writing.ts";
import { outboxOf } from "../../../static/src/storage/outbox.ts";
import type { QueuedMessage } from "../../../static/src/storage/records.ts";
import type { Database } from "../../../static/src/storage/schema.ts";

/** What the tests do in a tab. */
export interface Tab {
  readonly timeline: Timeline;
  readonly begun: Begun;
  readonly writing: Writing;
  /** Settles when the tab shows what waits to be sent. */
  shown(): Promise<void>;
}

interface TabOptions {
  readonly database: Database;
  readonly ownId: string;
  /** The conversation that it shows. */
  readonly peerId: string;
  /** Milliseconds by which its clock is behind. */
  readonly behind?: number;
}

/** The parts of a tab in which the person writes, in Node. Tabs of one user share a storage, and hear of each other. */
export function newTab({ database, ownId, peerId, behind = 0 }: TabOptions): Tab {
  vi.stubGlobal("addEventListener", () => undefined);
  vi.stubGlobal("navigator", { onLine: false });
  const life = new AbortController();
  const tabs = new Tabs(ownId);
  const timeline = new Timeline(database, peerId);
  const ids = new MessageIds({ now: () => Date.now() - behind });
  const outbox = signal<readonly QueuedMessage[]>([]);
  const host = { database, tabs, ownId, firstMessages: new FirstMessages(), life: life.signal };
  const drafts = new DraftKeeper(host);
  const shown = async () => {
    outbox.value = await outboxOf(database);
  };
  tabs.listen(({ type }) => {
    if (type === "queued") void shown();
  });
  onTestFinished(() => {
    life.abort();
    tabs.close();
    vi.unstubAllGlobals();
  });
  return {
    timeline,
    shown,
    begun: new Begun({ ...host, drafts, timeline: () => timeline }),
    writing: new Writing({
      ...host,
      drafts,
      outbox,
      client: { newMessageId: (after) => ids.next(after) },
      reading: { timeline: signal(timeline), toEnd: async () => undefined },
      user: { id: ownId, username: ownId },
    }),
  };
}
