import type { VNode } from "preact";
import { useEffect } from "preact/hooks";
import { uploadHistory } from "../../history/offering.ts";
import type { Offering } from "../../storage/move-records.ts";
import { offeringOf, storeOffering } from "../../storage/moves.ts";
import { counted } from "../../text/counts.ts";
import { useChat } from "../context.ts";
import { Dialog } from "./Dialog.tsx";
import { explainOffer, RENEWED, REPLACED, whyUnsafe } from "./explainMove.ts";
import { OfferedCode } from "./OfferedCode.tsx";
import { Problem } from "./Problem.tsx";
import { useOffering } from "./useOffering.ts";
import { useTransfer } from "./useTransfer.ts";
import { Working } from "./Working.tsx";

/** Uploads the history of this device for another one, and shows the code that opens it there. */
export function OfferDialog({ onClose }: { onClose(): void }): VNode {
  const { fileHost, session, writing } = useChat();
  const { database, client, tabs } = fileHost;
  const { progress, problem, button, isStopped, start, stop } = useTransfer(`gotalk-${session.id}-offer`);
  const { uploaded, read, leave } = useOffering();
  useEffect(() => {
    problem.value = whyUnsafe();
  }, []);
  /** @param before A history whose code is to open nothing any more. */
  const upload = (before?: Offering) =>
    start(async (watch) => {
      try {
        const known = await offeringOf(database, session.id, Date.now());
        // Another tab has done it while this one waited for it.
        if (known?.sealed !== undefined && known.code !== before?.code) return;
        leave();
        if (known?.sealed !== undefined) await storeOffering(database, undefined);
        await read();
        const whole = await uploadHistory({ client, database, user: session }, watch);
        await writing.tellOwn({ [session.id]: { history: { version: 1, sealed: whole.sealed } } });
        await storeOffering(database, whole);
      } finally {
        tabs.post({ type: "changed" });
        await read();
      }
    }, explainOffer);
  const { offering, isReplaced = false, isTold = true, isNew = false } = uploaded.value;
  const { sealed, parts = [], messages = 0, damaged = 0 } = offering ?? {};
  const isOffered = sealed !== undefined;
  const isWorking = progress.value !== undefined;
  // The code that had the focus is gone.
  useEffect(() => {
    if (isReplaced) button.current?.focus();
  }, [isReplaced]);
  return (
    <Dialog title="Bring history to another device" onClose={onClose}>
      <div class="work">
        {!isOffered && <Explanation username={session.username} />}
        {!isOffered && (
          <button ref={button} type="button" class="primary" disabled={isWorking} onClick={() => void upload()}>
            {parts.length > 0 ? "Go on" : "Upload"}
          </button>
        )}
        {isWorking && <Working label="Uploading" progress={progress.value ?? 0} onStop={stop} />}
        <div role="status">
          {!isWorking && isReplaced && <p>{REPLACED}</p>}
          {!isWorking && isNew && <p>{RENEWED}</p>}
          {!isWorking && (isOffered || parts.length > 0) && (
            <p>
              {counted(messages - damaged, "message")} {messages - damaged === 1 ? "is" : "are"} uploaded
              {isOffered ? "." : ", and not all yet."}
            </p>
          )}
          {!isWorking && damaged > 0 && <p>{counted(damaged, "damaged message")} left out.</p>}
          {isStopped.value && <p>You have stopped the upload.</p>}
        </div>
        <Problem problem={problem} />
        {offering !== undefined && isOffered && (
          <OfferedCode key={offering.code} offering={offering} isTold={isTold}>
            <button type="button" onClick={() => void upload(offering)}>
              Upload anew, with a new code
            </button>
          </OfferedCode>
        )}
      </div>
    </Dialog>
  );
}

const Explanation = ({ username }: { username: string }): VNode => (
  <>
    <p>
      Uploads the conversations of this device, encrypted. Then it shows a code. With it another device of yours gets
      them, and nobody else can read them.
    </p>
    <ul class="points">
      <li>
        Log in on the other device first, as <bdi>{username}</bdi>. From then on it gets each new message by itself.
      </li>
      <li>Keep this open until the upload is done. If it is interrupted, it goes on where it was.</li>
      <li>
        Drafts and messages that are not sent yet stay here. Pictures and files are fetched there when they are looked
        at, as long as the server has them: 60 days.
      </li>
    </ul>
  </>
);
