import type { VNode } from "preact";
import { invitation, putAside } from "../chat/joinLink.ts";
import { GroupDialog } from "./GroupDialog.tsx";

/** Asks whether to join the group whose invite link was followed. */
export function Invitation(): VNode | null {
  const link = invitation.value;
  if (link === undefined) return null;
  return (
    <GroupDialog
      key={link.code}
      title="Join a group?"
      pick={({ JoinGroup }) => JoinGroup}
      props={{ link }}
      onClose={() => putAside("join")}
    />
  );
}
