import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useRef } from "preact/hooks";
import { useChat } from "../context.ts";
import { explainGroup } from "./explainGroup.ts";
import { Problem } from "./Problem.tsx";
import { useAttempt } from "./useAttempt.ts";

interface LeaveGroupProps {
  readonly groupId: string;
  /** Whether the person has asked for it, and is to be asked at once. */
  readonly isAsked?: boolean;
}

/** Leaves a group, after a question. */
export function LeaveGroup({ groupId, isAsked = false }: LeaveGroupProps): VNode {
  const { groups, session } = useChat();
  const { problem, isBusy, attempt } = useAttempt();
  const isAsking = useSignal(isAsked);
  const place = useRef<HTMLDivElement>(null);
  const members = groups.of(groupId)?.members ?? [];
  const isLastAdmin = members.filter(({ admin }) => admin).every(({ id }) => id === session.id);
  const leave = () =>
    attempt(async () => {
      // The button is gone as soon as the user is out of the group.
      const dialog = place.current?.closest("dialog");
      await groups.leave(groupId);
      dialog?.close();
    }, explainGroup);
  return (
    <div ref={place} class="leaving">
      {isAsking.value && (
        <p>
          You get nothing more from the group. What you have stays here.
          {isLastAdmin && members.length > 1 && " You are its only admin: the member who joined first becomes admin."}
        </p>
      )}
      <Problem problem={problem} />
      <button
        type="button"
        class="danger"
        aria-disabled={isBusy}
        onClick={() => {
          if (isAsking.value) void leave();
          else isAsking.value = true;
        }}
      >
        {isAsking.value ? "Leave it" : "Leave group"}
      </button>
    </div>
  );
}
