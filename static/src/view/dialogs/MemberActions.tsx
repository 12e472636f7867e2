import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useRef } from "preact/hooks";
import type { GroupMember } from "../../../../lib/client/index.ts";
import type { KnownGroup } from "../../storage/records.ts";
import { useChat } from "../context.ts";
import { Icon } from "../icons.tsx";

interface MemberActionsProps {
  readonly group: KnownGroup;
  readonly member: GroupMember;
  onChange(work: () => Promise<void>): Promise<void>;
}

/** What an admin can do with a member. */
export function MemberActions({ group, member, onChange }: MemberActionsProps): VNode {
  const { groups } = useChat();
  const { groupId } = group;
  const { id, username, admin } = member;
  const button = useRef<HTMLButtonElement>(null);
  const isOpen = useSignal(false);
  const change = async (work: () => Promise<void>) => {
    await onChange(work);
    isOpen.value = false;
    button.current?.focus();
  };
  return (
    <>
      <button
        ref={button}
        type="button"
        class="round"
        aria-label={`Change ${username}`}
        aria-expanded={isOpen.value}
        onClick={() => {
          isOpen.value = !isOpen.value;
        }}
      >
        <Icon name="more" />
      </button>
      {isOpen.value && (
        <div class="question">
          <p>
            An admin can add and remove members. A removed member gets nothing more, and the invite link stops working.
          </p>
          <button type="button" onClick={() => void change(() => groups.setAdmin(groupId, id, !admin))}>
            {admin ? "Remove admin rights" : "Make admin"}
          </button>
          <button type="button" class="danger" onClick={() => void change(() => groups.remove(groupId, id))}>
            Remove from the group
          </button>
        </div>
      )}
    </>
  );
}
