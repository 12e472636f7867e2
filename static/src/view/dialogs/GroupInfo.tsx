import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect } from "preact/hooks";
import type { GroupMember } from "../../../../lib/client/index.ts";
import type { KnownGroup } from "../../storage/records.ts";
import { counted } from "../../text/counts.ts";
import { Avatar } from "../Avatar.tsx";
import { useChat } from "../context.ts";
import { wordsOfEnd } from "../GroupEnd.tsx";
import { explainGroup } from "./explainGroup.ts";
import { InviteLink } from "./InviteLink.tsx";
import { LeaveGroup } from "./LeaveGroup.tsx";
import { MemberActions } from "./MemberActions.tsx";
import { MemberField } from "./MemberField.tsx";
import { Problem } from "./Problem.tsx";
import { RenameGroup } from "./RenameGroup.tsx";
import { useAttempt } from "./useAttempt.ts";

/** What is known of a group, and what its members and admins can do. */
export function GroupInfo({ groupId }: { groupId: string }): VNode {
  const { groups, session } = useChat();
  const isCurrent = useSignal<boolean | undefined>(undefined);
  useEffect(() => {
    groups.refresh(groupId).then(
      () => {
        isCurrent.value = true;
      },
      () => {
        isCurrent.value = false;
      },
    );
  }, []);
  const group = groups.of(groupId);
  if (group === undefined) {
    return <p class="hint">{isCurrent.value === false ? "Nothing is known of this group here yet." : "Loading…"}</p>;
  }
  const isAdmin = group.members.some(({ id, admin }) => id === session.id && admin);
  return (
    <>
      <div class="group-head">
        <Avatar name={group.name} isGroup />
        <div>
          <strong>{group.name}</strong>
          <span class="hint">{counted(group.members.length, "member")}</span>
        </div>
        {isAdmin && <RenameGroup group={group} />}
      </div>
      {group.gone && <p class="message-bar calm">{wordsOfEnd(group.gone)}</p>}
      {isCurrent.value === false && group.gone === undefined && (
        <p class="hint">This is what this device knows. It may have changed since.</p>
      )}
      <Members group={group} isAdmin={isAdmin} />
      {isAdmin && (
        <>
          <MemberField
            label="Add a member"
            onFound={async (user) => {
              if (group.members.some(({ id }) => id === user.id)) return `${user.username} is a member already.`;
              await groups.add(groupId, user.id);
              return undefined;
            }}
          />
          <InviteLink group={group} />
        </>
      )}
      {group.gone === undefined && <LeaveGroup groupId={groupId} />}
    </>
  );
}

function Members({ group, isAdmin }: { group: KnownGroup; isAdmin: boolean }): VNode {
  const { session } = useChat();
  const { problem, isBusy, attempt } = useAttempt();
  const change = (work: () => Promise<void>) => attempt(work, explainGroup);
  const line = (member: GroupMember): VNode => (
    <li key={member.id}>
      <Avatar name={member.username} />
      <span class="member">
        <strong>{member.username}</strong>
        {member.id === session.id && <small>You</small>}
      </span>
      {member.admin && <span class="tag">Admin</span>}
      {isAdmin && member.id !== session.id && <MemberActions group={group} member={member} onChange={change} />}
    </li>
  );
  return (
    <>
      <Problem problem={problem} />
      <ul class="entries members" aria-label="Members" aria-busy={isBusy}>
        {group.members.map(line)}
      </ul>
    </>
  );
}
