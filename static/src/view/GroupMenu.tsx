import type { Signal } from "@preact/signals";
import type { VNode } from "preact";
import { GroupDialog } from "./GroupDialog.tsx";
import { useGroup } from "./group.ts";
import { Icon } from "./icons.tsx";

/** The dialog of a group that is open. */
type Shown = Signal<"info" | "leave" | undefined>;

/** What can be done with a group: entries of the conversation's menu. */
export function GroupEntries({ shown }: { shown: Shown }): VNode {
  const group = useGroup();
  const open = (name: "info" | "leave") => () => {
    shown.value = name;
  };
  return (
    <>
      <button type="button" onClick={open("info")}>
        <Icon name="info" />
        Group info
      </button>
      {group !== undefined && group.gone === undefined && (
        <button type="button" onClick={open("leave")}>
          <Icon name="leave" />
          Leave group
        </button>
      )}
    </>
  );
}

/** The dialogs of these entries, which must not lie in the menu: it closes when they open. */
export function GroupDialogs({ groupId, shown }: { groupId: string; shown: Shown }): VNode | null {
  const onClose = () => {
    shown.value = undefined;
  };
  if (shown.value === "leave") return <LeaveDialog groupId={groupId} onClose={onClose} />;
  if (shown.value !== "info") return null;
  return <GroupDialog title="Group info" pick={({ GroupInfo }) => GroupInfo} props={{ groupId }} onClose={onClose} />;
}

/** Asks whether to leave a group, and leaves it. */
export const LeaveDialog = ({ groupId, onClose }: { groupId: string; onClose(): void }): VNode => (
  <GroupDialog
    title="Leave group?"
    pick={({ LeaveGroup }) => LeaveGroup}
    props={{ groupId, isAsked: true }}
    onClose={onClose}
  />
);
