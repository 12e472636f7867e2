import { useSignal } from "@preact/signals";
import type { TargetedSubmitEvent, VNode } from "preact";
import { useRef } from "preact/hooks";
import type { User } from "../../../../lib/client/index.ts";
import { GROUP } from "../../../../lib/contract/limits.ts";
import { isBlank } from "../../../../lib/contract/visible.ts";
import { counted } from "../../text/counts.ts";
import { Avatar } from "../Avatar.tsx";
import { useChat } from "../context.ts";
import { Icon } from "../icons.tsx";
import { closeAround, focusField } from "./Dialog.tsx";
import { explainGroup } from "./explainGroup.ts";
import { MemberField } from "./MemberField.tsx";
import { nameProblem } from "./nameProblem.ts";
import { Problem } from "./Problem.tsx";
import { useAttempt } from "./useAttempt.ts";

/** Makes a group. What is typed stays until it is made, also if the dialog is closed. */
export function NewGroup(): VNode {
  const { groups, reading, session } = useChat();
  const form = useRef<HTMLFormElement>(null);
  const { problem, isBusy, attempt } = useAttempt();
  const unadded = useSignal("");
  const { name, members, mayExist = false } = groups.draft.value;
  const change = (changes: Partial<typeof groups.draft.value>) => {
    groups.draft.value = { ...groups.draft.value, ...changes };
  };

  const add = async (user: User) => {
    const known = groups.draft.value.members;
    if (user.id === session.id) return "You are a member yourself.";
    if (known.some(({ id }) => id === user.id)) return `${user.username} is in the list already.`;
    if (known.length + 1 >= GROUP.members) return `A group has at most ${GROUP.members} members.`;
    change({ members: [...known, user] });
    return undefined;
  };

  const missing = (): string | undefined => {
    if (unadded.value !== "") return `“${unadded.value}” is not added yet. Press Add, or empty the field.`;
    if (members.length === 0) return "Add at least one other person.";
    return nameProblem(name);
  };

  const submit = async (event: TargetedSubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    problem.value = missing();
    if (problem.value !== undefined) return;
    await attempt(async () => {
      const groupId = await groups.create();
      closeAround(form.current);
      await reading.open(groupId);
    }, explainGroup);
  };

  return (
    <form ref={form} class="group-form" onSubmit={submit} aria-busy={isBusy}>
      <fieldset disabled={mayExist}>
        <label>
          Name of the group
          <input
            autocomplete="off"
            value={name}
            onInput={(event) => {
              problem.value = undefined;
              change({ name: event.currentTarget.value });
            }}
          />
        </label>
        <MemberField
          label="Add a member"
          onFound={add}
          onTyped={(username) => {
            unadded.value = username;
          }}
        />
        <ul class="chips" aria-label="Members">
          {members.map(({ id, username }) => (
            <li key={id} class="chip">
              <Avatar name={username} />
              {username}
              <button
                type="button"
                aria-label={`Remove ${username}`}
                onClick={() => {
                  change({ members: members.filter((member) => member.id !== id) });
                  focusField(form.current?.querySelector(".with-button"));
                }}
              >
                <Icon name="close" />
              </button>
            </li>
          ))}
        </ul>
      </fieldset>
      <p class="hint" aria-live="polite">
        {members.length === 0
          ? "You will be the admin of the group. You can add more members later."
          : `${counted(members.length + 1, "member")}, with you.`}
      </p>
      {mayExist && problem.value === undefined && (
        <p class="hint">This group may have been made already. Press “Make the group” to find out.</p>
      )}
      <Problem problem={problem} />
      <button type="submit" class="primary" aria-disabled={isBlank(name) || members.length === 0 || isBusy.value}>
        Make the group
      </button>
    </form>
  );
}
