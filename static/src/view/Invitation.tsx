import type { VNode } from "preact";
import { useLayoutEffect } from "preact/hooks";
import { invitation, putAside } from "../chat/joinLink.ts";
import { closeAll } from "./dialogs/Dialog.tsx";
import { GroupDialog } from "./GroupDialog.tsx";

/** Asks whether to join the group whose invite link was followed. */
export function Invitation(): VNode | null {
  const link = invitation.value;
  // Before this dialog opens itself.
  useLayoutEffect(() => {
    if (link !== undefined) closeAll();
  }, [link?.code]);
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
