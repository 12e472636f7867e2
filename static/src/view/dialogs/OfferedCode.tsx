import { useSignal } from "@preact/signals";
import { type ComponentChildren, Fragment, type VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { linkOf, shownCode } from "../../history/code.ts";
import type { Offering } from "../../storage/move-records.ts";
import { expiryOf } from "../../storage/moves.ts";
import { dateAndTime } from "../../text/times.ts";
import { useChat } from "../context.ts";
import { Icon } from "../icons.tsx";
import { Lazy } from "../Lazy.tsx";

const loadQrCode = () => import("./QrCode.tsx");

/** Where a code may go on in the next line. */
const BEHIND_HYPHEN = /(?<=-)/;

interface OfferedCodeProps {
  readonly offering: Offering;
  /** The user's other devices were told that it opens something. */
  readonly isTold: boolean;
  /** Further actions. */
  readonly children: ComponentChildren;
}

/** The code that opens an uploaded history, as a text and as a QR code. */
export function OfferedCode({ offering, isTold, children }: OfferedCodeProps): VNode {
  const { username } = useChat().session;
  const isCopied = useSignal(false);
  const code = shownCode(offering.code);
  const button = useRef<HTMLButtonElement>(null);
  // The button that had the focus is gone.
  useEffect(() => button.current?.focus(), []);
  return (
    <>
      <p role="status">
        {isTold ? (
          <>
            On the other device choose <strong>Bring history from another device</strong> in the account’s menu, and
            enter this code. Or scan the picture with its camera.
          </>
        ) : (
          "This waits for the network. The code works once your other devices are told of it: keep goTalk open until then."
        )}
      </p>
      <p class="shown-code">
        <code>
          {code.split(BEHIND_HYPHEN).map((group, index) => (
            // No browser breaks a line between a hyphen and a digit by itself.
            <Fragment key={index}>
              {index > 0 && <wbr />}
              {group}
            </Fragment>
          ))}
        </code>
      </p>
      <button
        ref={button}
        type="button"
        onClick={async () => {
          await navigator.clipboard.writeText(code);
          isCopied.value = true;
        }}
      >
        <Icon name={isCopied.value ? "check" : "copy"} />
        {isCopied.value ? "Copied" : "Copy code"}
      </button>
      <Lazy
        load={loadQrCode}
        pick={({ QrCode }) => QrCode}
        props={{ text: linkOf(offering.code, username), label: "QR code of the link with the code" }}
      />
      <p class="hint">
        The code works until {dateAndTime(expiryOf(offering))}, or until a device of yours uploads a history after this
        one. Keep it secret: anyone who has it and is logged in as you can read these conversations.
      </p>
      {children}
    </>
  );
}
