import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { linkTo } from "../../chat/joinLink.ts";
import type { KnownGroup } from "../../storage/records.ts";
import { useChat } from "../context.ts";
import { Icon } from "../icons.tsx";
import { Lazy } from "../Lazy.tsx";
import { explainGroup } from "./explainGroup.ts";
import { Problem } from "./Problem.tsx";
import { useAttempt } from "./useAttempt.ts";

const loadQrCode = () => import("./QrCode.tsx");

/** Makes a link that lets others in, and shows it. */
export function InviteLink({ group: { groupId, name, invite } }: { group: KnownGroup }): VNode {
  const { groups } = useChat();
  const { problem, isBusy, attempt } = useAttempt();
  const isShown = useSignal(false);
  const isCopied = useSignal(false);
  const link = invite === undefined ? undefined : linkTo({ code: invite, name });
  const make = () =>
    attempt(async () => {
      await groups.invite(groupId);
      isCopied.value = false;
    }, explainGroup);
  return (
    <section class="invite" aria-label="Invite link" aria-busy={isBusy}>
      {link !== undefined && (
        <>
          <label>
            Invite link
            <input readOnly value={link} onFocus={(event) => event.currentTarget.select()} />
          </label>
          <div class="ways">
            {/* Browsers have no clipboard on plain HTTP from another machine; the text can be selected there. */}
            {navigator.clipboard && (
              <button
                type="button"
                onClick={async () => {
                  await navigator.clipboard.writeText(link);
                  isCopied.value = true;
                }}
              >
                <Icon name={isCopied.value ? "check" : "copy"} />
                {isCopied.value ? "Copied" : "Copy link"}
              </button>
            )}
            <button
              type="button"
              aria-expanded={isShown.value}
              onClick={() => {
                isShown.value = !isShown.value;
              }}
            >
              QR code
            </button>
          </div>
          {isShown.value && (
            <Lazy
              load={loadQrCode}
              pick={({ QrCode }) => QrCode}
              props={{ text: link, label: `QR code of the invite link to ${name}` }}
            />
          )}
        </>
      )}
      <p class="hint">
        {link === undefined
          ? "Everybody who has the invite link can join. Making a link ends the earlier one."
          : "Everybody who has the link can join, until somebody is removed or an admin makes a new link."}
      </p>
      <Problem problem={problem} />
      <button type="button" aria-disabled={isBusy} onClick={() => void make()}>
        {link === undefined ? "Make an invite link" : "Make a new link"}
      </button>
    </section>
  );
}
