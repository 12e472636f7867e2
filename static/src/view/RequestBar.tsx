import { type Signal, useSignal } from "@preact/signals";
import type { ComponentChildren, VNode } from "preact";
import { useRef } from "preact/hooks";
import { isGroupId } from "../../../lib/client/index.ts";
import { BlockDialog, DeleteConversationDialog } from "./ConversationDialog.tsx";
import { useChat } from "./context.ts";
import { useAttempt } from "./dialogs/useAttempt.ts";
import { focusAnew, useFocusLog } from "./focus.ts";
import { LeaveDialog } from "./GroupMenu.tsx";
import { useGroup } from "./group.ts";

const ofGroup = (adderId: string | undefined, adder = "A person you do not know") =>
  `${adderId === undefined ? "This device does not know how you came into this group." : `${adder} has added you to this group.`} ` +
  "Until you accept, nobody in it sees what you have read.";
const ofPerson = (name: string) =>
  `You do not know ${name} yet. Until you accept, ${name} does not see what you have read.`;

/** What the person can do with a stranger's request. Until they have accepted it, nothing goes back. */
export function RequestBar({ peerId, name }: { peerId: string; name: string }): VNode | null {
  const chat = useChat();
  const asked = useSignal<Question | undefined>(undefined);
  const { problem, isBusy, attempt } = useAttempt();
  const isGroup = isGroupId(peerId);
  const group = useGroup();
  const known = chat.conversations.value?.find((one) => one.peerId === peerId);
  const member = group?.members.find(({ id }) => id === known?.addedBy);
  const adder = member && `${member.username}, whom you do not know yet,`;
  // Without a message of a person there is nothing to accept.
  const isOver =
    group?.gone !== undefined ||
    (known?.last === undefined && !isGroup) ||
    !chat.strangers.isUndecided(peerId) ||
    chat.account.isBlocked(peerId);
  const onClose = () => {
    asked.value = undefined;
    // The button that would get the focus back may have disappeared.
    focusAnew("");
  };
  const accept = () =>
    attempt(async () => {
      await chat.accept(peerId);
      // The button that has the focus is about to disappear.
      document.querySelector<HTMLElement>(".composer textarea")?.focus();
    });
  return (
    <>
      {!isOver && (
        <Section>
          <p>{isGroup ? ofGroup(known?.addedBy, adder) : ofPerson(name)}</p>
          {problem.value !== undefined && <p role="alert">{problem.value}</p>}
          <div class="choices">
            <button type="button" class="primary" disabled={isBusy} onClick={() => void accept()}>
              Accept
            </button>
            <Ask what={isGroup ? "Leave" : "Block"} asked={asked} />
            <Ask what="Delete" asked={asked} />
          </div>
        </Section>
      )}
      {asked.value === "Block" && <BlockDialog user={{ id: peerId, username: name }} onClose={onClose} />}
      {asked.value === "Leave" && <LeaveDialog groupId={peerId} onClose={onClose} />}
      {asked.value === "Delete" && <DeleteConversationDialog peerId={peerId} name={name} onClose={onClose} />}
    </>
  );
}

function Section({ children }: { children: ComponentChildren }): VNode {
  const section = useRef<HTMLElement>(null);
  useFocusLog(section);
  return (
    <section ref={section} class="request-bar" aria-label="Request">
      {children}
    </section>
  );
}

type Question = "Block" | "Leave" | "Delete";

/** A button that asks whether it is meant. */
function Ask({ what, asked }: { what: Question; asked: Signal<Question | undefined> }): VNode {
  return (
    <button
      type="button"
      onClick={() => {
        asked.value = what;
      }}
    >
      {what}
    </button>
  );
}
