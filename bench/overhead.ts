import type { Recorder } from "../tests/support/capacity/recorder.ts";
import { fill } from "./backlog.ts";
import type { GoTalk, SyncResult } from "./gotalk.ts";
import { SHORT_MESSAGE } from "./short-message.ts";
import { type Overhead, SideBySide } from "./side-by-side.ts";

export interface Overheads {
  readonly send: Overhead;
  /** In a running conversation: settles a message and hands out the next. */
  readonly sync: Overhead;
  readonly emptySync: Overhead;
  /** Settles 100 messages and hands out the next 100. */
  readonly batch100Sync: Overhead;
}

const BATCH = 100;

/** @param turns Requests of each kind; there are a tenth as many full batches. */
export async function measureOverheads(gotalk: GoTalk, recorder: Recorder, turns: number): Promise<Overheads> {
  const alice = await gotalk.newAccount("overhead.alice");
  // The engine's own accounts cost it time.
  recorder.asksForUnits = false;

  const conversation = await SideBySide.create(gotalk, recorder, "overhead.bob");
  let ack = conversation.channel.receipt;
  for (let turn = 0; turn < turns; turn++) {
    await conversation.turn(async () => {
      await conversation.time("send", gotalk.sendTo(conversation.channel, alice, SHORT_MESSAGE));
      ({ receipt: ack } = await conversation.time<SyncResult>("sync", gotalk.syncOf(conversation.channel, ack)));
    });
  }

  const silence = await SideBySide.create(gotalk, recorder, "overhead.carol");
  for (let turn = 0; turn < turns; turn++) {
    await silence.turn(() => silence.time("emptySync", gotalk.syncOf(silence.channel, silence.channel.receipt)));
  }

  const flood = await SideBySide.create(gotalk, recorder, "overhead.dave");
  ack = flood.channel.receipt;
  for (let turn = 0; turn < turns / 10; turn++) {
    await flood.turn(async () => {
      await flood.prepare(() => fill(gotalk, flood.channel, alice, BATCH, SHORT_MESSAGE));
      ({ receipt: ack } = await flood.time<SyncResult>("batch100Sync", gotalk.syncOf(flood.channel, ack)));
    });
  }

  recorder.asksForUnits = true;
  return {
    send: conversation.overhead("send"),
    sync: conversation.overhead("sync"),
    emptySync: silence.overhead("emptySync"),
    batch100Sync: flood.overhead("batch100Sync"),
  };
}
