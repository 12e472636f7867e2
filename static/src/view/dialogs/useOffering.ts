import { type Signal, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Offering } from "../../storage/move-records.ts";
import { isReplaced, isTold, offeringOf } from "../../storage/moves.ts";
import { useChat } from "../context.ts";

/** What is uploaded of this device's history. */
interface Uploaded {
  /** Nothing, if no code opens it any more. */
  readonly offering?: Offering | undefined;
  /** Its code opens nothing any more: the devices were told of another history since. */
  readonly isReplaced?: boolean;
  /** The user's devices were told of it, as far as this one knows. */
  readonly isTold?: boolean;
  /** Another tab has uploaded it anew, and its code is in the place of the one that was shown here. */
  readonly isNew?: boolean;
}

interface OfferingState {
  readonly uploaded: Signal<Uploaded>;
  /** Reads what is stored now. */
  read(): Promise<void>;
  /** The person replaces the code that is shown, in this tab. */
  leave(): void;
}

/** Follows what this tab, other tabs and other devices make of the upload of this device's history. */
export function useOffering(): OfferingState {
  const { fileHost, session } = useChat();
  const { database, tabs } = fileHost;
  const uploaded = useSignal<Uploaded>({});
  const shown = useRef<string | undefined>(undefined);
  const reads = useRef(0);
  const read = async () => {
    const turn = ++reads.current;
    const [offering, wasReplaced] = await Promise.all([
      offeringOf(database, session.id, Date.now()),
      isReplaced(database, session.id),
    ]);
    const { sealed } = offering ?? {};
    const wasTold = sealed === undefined || (await isTold(database, session.id, sealed));
    // A later look knows better.
    if (turn !== reads.current) return;
    const code = sealed === undefined ? undefined : offering?.code;
    const { isNew = false } = uploaded.value;
    const isOther = code !== undefined && shown.current !== undefined && shown.current !== code;
    uploaded.value = {
      ...{ offering, isReplaced: wasReplaced, isTold: wasTold },
      isNew: code !== undefined && (isNew || isOther),
    };
    shown.current = code ?? shown.current;
  };
  const leave = () => {
    // A look that is under way may have read the code that goes.
    reads.current++;
    shown.current = undefined;
    uploaded.value = { ...uploaded.value, isNew: false };
  };
  useEffect(() => {
    const refresh = () => void read().catch(() => undefined);
    refresh();
    return tabs.listen(({ type }) => {
      if (type === "stored" || type === "changed") refresh();
    });
  }, []);
  return { uploaded, read, leave };
}
