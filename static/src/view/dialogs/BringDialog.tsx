import { useSignal } from "@preact/signals";
import type { TargetedSubmitEvent, VNode } from "preact";
import { useEffect } from "preact/hooks";
import { historyCode, historyOwner, putAside } from "../../chat/joinLink.ts";
import { type BringingHost, bringHistory, fetchList, openOffer } from "../../history/bringing.ts";
import { ownerIn, readCode, shownCode } from "../../history/code.ts";
import type { TransferWatch } from "../../history/offering.ts";
import type { Bringing, Opened } from "../../storage/move-records.ts";
import {
  bringingOf,
  deleteBringing,
  isExpired,
  madeAt,
  mayHaveGap,
  type Offer,
  offerTo,
  openedOf,
} from "../../storage/moves.ts";
import type { Stored } from "../../storage/records.ts";
import { counted } from "../../text/counts.ts";
import { dateAndTime } from "../../text/times.ts";
import { useChat } from "../context.ts";
import { closeAround, Dialog } from "./Dialog.tsx";
import {
  ENDED,
  explainBring,
  explainBrought,
  explainOwner,
  isUseless,
  NO_CODE,
  NO_OFFER,
  NOTHING_YET,
  whyUnsafe,
} from "./explainMove.ts";
import { Problem } from "./Problem.tsx";
import { useTransfer } from "./useTransfer.ts";
import { Working } from "./Working.tsx";

/** What is known of a history that may come here. */
interface Known {
  readonly offer?: Offer | undefined;
  /** Its code has opened it, and it is not known yet where its parts are. */
  readonly opened?: Opened | undefined;
  /** What has come of it. */
  readonly bringing?: Bringing | undefined;
}

/** What has come, and when the other device began to gather what may be missing before this device began. */
interface Brought extends Bringing {
  readonly gapFrom?: string | undefined;
}

/** Adds the history that another device has uploaded to the history of this device. */
export function BringDialog({ onClose }: { onClose(): void }): VNode {
  const chat = useChat();
  const { session, notices } = chat;
  const { database, client, tabs } = chat.fileHost;
  const { progress, problem, button, isStopped, start, stop } = useTransfer(`gotalk-${session.id}-bring`);
  const known = useSignal<Known>({});
  const brought = useSignal<Brought | undefined>(undefined);
  const read = async () => {
    const offer = await offerTo(database, session.id);
    // The one that the person has been told to wait for.
    if (offer !== undefined && problem.value === NOTHING_YET) problem.value = undefined;
    const [opened, bringing] = await Promise.all([openedOf(database, offer), bringingOf(database, offer)]);
    known.value = { offer, opened, bringing };
  };
  // Another link may be followed while this is open.
  const link = historyCode.value && `${historyCode.value} ${historyOwner.value}`;
  const foreign = explainOwner(historyOwner.value, session.username);
  useEffect(() => {
    if (link !== undefined) brought.value = undefined;
    problem.value = whyUnsafe() ?? foreign;
  }, [link]);
  useEffect(() => {
    const refresh = () => void read().catch(() => undefined);
    refresh();
    return tabs.listen((event) => {
      const isTold = event.type === "stored" && event.own !== undefined;
      const isBrought = event.type === "changed" && event.isImport;
      if (isTold || isBrought) refresh();
    });
  }, []);

  const open = () => known.value.bringing ?? known.value.opened;
  const offerId = open()?.offerId;
  const isOpened = offerId !== undefined;
  // Where the code need not be typed, there is no field for the focus.
  useEffect(() => {
    if (isOpened) button.current?.focus();
  }, [isOpened]);

  const onChanged = (stored: Stored) => tabs.emit({ type: "stored", ...stored });
  const host: BringingHost = { client, database, ownId: session.id, onChanged };
  /** @param before The id of the offer that was open until then. */
  const listed = async (typed: string, before: string | undefined, watch: TransferWatch): Promise<Bringing> => {
    const { offer, opened, bringing } = known.value;
    if (bringing !== undefined) return bringing;
    if (opened === undefined && before !== undefined && before === offer?.id) throw new Plain(ENDED);
    const begun = opened ?? (await openTyped(host, offer, typed, session.username));
    known.value = { offer, opened: begun };
    return fetchList(host, begun, watch);
  };
  const bring = (typed: string, before: string | undefined) =>
    start(async (watch) => {
      const followed = historyCode.value;
      try {
        await read();
        const list = await listed(typed, before, watch);
        known.value = { offer: known.value.offer, bringing: list };
        const whole = await bringHistory(host, list, watch);
        const isGap = await mayHaveGap(database, session.id, client.session?.deviceId, whole.list);
        brought.value = { ...whole, ...(isGap && { gapFrom: whole.list.begunAt }) };
        // The code of another link that was followed meanwhile stays.
        if (historyCode.value === followed) putAside("history");
        await notices.dismiss();
      } catch (error) {
        const begun = open();
        if (begun !== undefined && isUseless(error) && !watch.signal.aborted) await deleteBringing(database, begun);
        throw error;
      } finally {
        tabs.emit({ type: "changed", isImport: true });
        await read();
      }
    }, explainTyped);

  const submit = (event: TargetedSubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    void bring(String(new FormData(event.currentTarget).get("code") ?? ""), offerId);
  };
  const isWorking = progress.value !== undefined;
  const isDone = brought.value !== undefined;
  return (
    <Dialog title="Bring history from another device" onClose={onClose}>
      <p>
        Adds the conversations of another device of yours to this one. No message comes twice, and what is already here
        is brought up to date: edits, deletions, reactions and ticks. Nothing else of it changes.
      </p>
      <form class="work" onSubmit={submit} aria-busy={isWorking}>
        <p class="hint" role="status">
          {!isDone && <Offered {...known.value} />}
        </p>
        {!isOpened && !isDone && (
          <label>
            Code from the other device
            <input
              key={link}
              name="code"
              class="typed-code"
              required
              autocomplete="off"
              autocapitalize="characters"
              spellcheck={false}
              defaultValue={foreign === undefined ? initialCode() : ""}
            />
          </label>
        )}
        {!isDone && (
          <button ref={button} type="submit" class="primary" disabled={isWorking}>
            {isOpened ? "Go on" : "Bring it here"}
          </button>
        )}
        {isWorking && <Working label="Bringing" progress={progress.value ?? 0} onStop={stop} />}
        <div role="status">
          {isStopped.value && <p>You have stopped it. What has come so far stays.</p>}
          {brought.value && <Done {...brought.value} />}
        </div>
        <Problem problem={problem} />
        {isDone && (
          <button
            ref={button}
            type="button"
            class="primary"
            onClick={({ currentTarget }) => closeAround(currentTarget)}
          >
            Done
          </button>
        )}
      </form>
    </Dialog>
  );
}

/** Words that say all that there is to say. */
class Plain extends Error {}

const explainTyped = (error: unknown): string => (error instanceof Plain ? error.message : explainBring(error));

/** Opens an offer by what was typed for its code. @throws Plain when there is nothing to open, or nothing to open it by */
async function openTyped(
  host: BringingHost,
  offer: Offer | undefined,
  text: string,
  username: string,
): Promise<Opened> {
  const foreign = explainOwner(ownerIn(text), username);
  if (foreign !== undefined) throw new Plain(foreign);
  const code = readCode(text);
  if (code === undefined) throw new Plain(NO_CODE);
  if (offer === undefined) throw new Plain(NOTHING_YET);
  return openOffer(host, offer, code);
}

/** The code of the link that was followed. One that is not valid is shown as it is, and refused with a word. */
function initialCode(): string {
  const text = historyCode.value ?? "";
  const code = readCode(text);
  return code === undefined ? text : shownCode(code);
}

function Offered({ offer, opened, bringing }: Known): VNode {
  if (offer === undefined) return <>{NO_OFFER}</>;
  if (opened !== undefined) return <>The code was correct. You do not need it again for this history.</>;
  if (bringing !== undefined) {
    const { list, done } = bringing;
    return (
      <>
        {done} of {counted(list.parts.length, "part")} {done === 1 || list.parts.length === 1 ? "is" : "are"} here. You
        do not need the code for the rest.
      </>
    );
  }
  const time = dateAndTime(new Date(madeAt(offer)).toISOString());
  return isExpired(offer, Date.now()) ? (
    <>The last history was uploaded on {time}. The server keeps it for 60 days: upload it anew on the other device.</>
  ) : (
    <>Another device has uploaded its history on {time}.</>
  );
}

function Done({ added, changed = 0, leftOut, gapFrom }: Brought): VNode {
  return (
    <>
      <p>{explainBrought(added, changed)}</p>
      {leftOut > 0 && (
        <p>
          {counted(leftOut, "line")} could not be read, and {leftOut === 1 ? "was" : "were"} left out.
        </p>
      )}
      {gapFrom !== undefined && (
        <p>
          This device was logged in after the other one began to upload. Messages that came between{" "}
          {dateAndTime(gapFrom)} and the login may be missing here, and so may edits, deletions, reactions and ticks of
          that time. To bring them, upload the history anew on the other device, and enter the new code here.
        </p>
      )}
    </>
  );
}
