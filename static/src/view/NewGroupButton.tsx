import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { GroupDialog } from "./GroupDialog.tsx";
import { Icon } from "./icons.tsx";

/** Opens the dialog that makes a group. */
export function NewGroupButton(): VNode {
  const isOpen = useSignal(false);
  return (
    <>
      <button
        type="button"
        class="round"
        aria-label="New group"
        title="New group"
        onClick={() => {
          isOpen.value = true;
        }}
      >
        <Icon name="group" />
      </button>
      {isOpen.value && (
        <GroupDialog
          title="New group"
          pick={({ NewGroup }) => NewGroup}
          props={{}}
          onClose={() => {
            isOpen.value = false;
          }}
        />
      )}
    </>
  );
}
