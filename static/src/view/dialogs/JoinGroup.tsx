import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useRef } from "preact/hooks";
import { ProblemError } from "../../../../lib/client/index.ts";
import { groupOf, type JoinLink } from "../../chat/joinLink.ts";
import { useChat } from "../context.ts";
import { closeAround } from "./Dialog.tsx";
import { explainGroup } from "./explainGroup.ts";
import { Problem } from "./Problem.tsx";
import { useAttempt } from "./useAttempt.ts";

/** Joins the group of an invite link, after a question. */
export function JoinGroup({ link }: { link: JoinLink }): VNode {
  const { groups, reading, session } = useChat();
  const { problem, isBusy, attempt } = useAttempt();
  const place = useRef<HTMLDivElement>(null);
  const close = useRef<HTMLButtonElement>(null);
  const known = groups.of(groupOf(link));
  const isIn = known !== undefined && known.gone === undefined;
  const isDead = useSignal(false);
  const join = () =>
    attempt(
      async () => {
        const groupId = isIn ? known.groupId : await groups.join(link.code);
        closeAround(place.current);
        await reading.open(groupId);
      },
      (error) => {
        isDead.value = error instanceof ProblemError && error.code === "invalid_invite";
        // The button that has the focus is about to disappear.
        if (isDead.value) close.current?.focus();
        return explainGroup(error);
      },
    );
  return (
    <div ref={place} class="lazy">
      {isIn ? (
        <p>
          You are a member of “<bdi>{known.name}</bdi>” already.
        </p>
      ) : (
        <>
          <p>
            You are invited to a group.
            {link.name !== "" && (
              <>
                {" "}
                The link calls it{" "}
                <strong>
                  “<bdi>{link.name}</bdi>”
                </strong>
                .
              </>
            )}
          </p>
          <p class="hint">
            You join as {session.username}. The members see your name, and you get their messages from then on.
          </p>
        </>
      )}
      <Problem problem={problem} />
      {!isDead.value && (
        <button type="button" class="primary" aria-disabled={isBusy} onClick={() => void join()}>
          {isIn ? "Open it" : "Join"}
        </button>
      )}
      <button ref={close} type="button" onClick={() => closeAround(place.current)}>
        Not now
      </button>
    </div>
  );
}
