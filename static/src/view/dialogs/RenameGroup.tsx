import { useSignal } from "@preact/signals";
import type { TargetedSubmitEvent, VNode } from "preact";
import { useRef } from "preact/hooks";
import type { KnownGroup } from "../../storage/records.ts";
import { useChat } from "../context.ts";
import { explainGroup } from "./explainGroup.ts";
import { nameProblem } from "./nameProblem.ts";
import { Problem } from "./Problem.tsx";
import { useAttempt } from "./useAttempt.ts";

/** Renames a group. */
export function RenameGroup({ group: { groupId, name } }: { group: KnownGroup }): VNode {
  const { groups } = useChat();
  const { problem, isBusy, attempt } = useAttempt();
  const button = useRef<HTMLButtonElement>(null);
  const isOpen = useSignal(false);
  const typed = useSignal(name);
  const submit = async (event: TargetedSubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    problem.value = nameProblem(typed.value);
    if (problem.value !== undefined) return;
    await attempt(async () => {
      if (typed.value.trim() !== name) await groups.rename(groupId, typed.value.trim());
      // The field that has the focus is about to disappear.
      button.current?.focus();
      isOpen.value = false;
    }, explainGroup);
  };
  return (
    <>
      <button
        ref={button}
        type="button"
        class="quiet"
        aria-expanded={isOpen.value}
        onClick={() => {
          typed.value = name;
          isOpen.value = !isOpen.value;
        }}
      >
        Rename
      </button>
      {isOpen.value && (
        <form onSubmit={submit} aria-busy={isBusy}>
          <label>
            New name
            <input
              ref={focusOnce}
              autocomplete="off"
              value={typed.value}
              onInput={(event) => {
                problem.value = undefined;
                typed.value = event.currentTarget.value;
              }}
            />
          </label>
          <Problem problem={problem} />
          <button type="submit" class="primary">
            Save
          </button>
        </form>
      )}
    </>
  );
}

/** Gives the focus to the field when it appears. */
const focusOnce = (field: HTMLInputElement | null): void => field?.focus();
