import { useSignal } from "@preact/signals";
import type { TargetedSubmitEvent, VNode } from "preact";
import { ProblemError } from "../../../lib/client/index.ts";
import { GROUP, USERNAME } from "../../../lib/contract/limits.ts";
import { explain } from "../chat/explain.ts";
import { SeveralGroups } from "../chat/ownGroups.ts";
import { LONGEST_NAME } from "../chat/reading.ts";
import { useChat } from "./context.ts";
import { Icon } from "./icons.tsx";
import { OwnGroups } from "./OwnGroups.tsx";

const TOO_LONG =
  `A username has at most ${USERNAME.maxCharacters} characters, the name of a group at most ${GROUP.nameCharacters}. ` +
  "The inserted text is longer.";

/** Starts a conversation by username, or opens one of the user's groups by its name. */
export function StartForm(): VNode {
  const chat = useChat();
  const problem = useSignal<string | undefined>(undefined);
  const isBusy = useSignal(false);

  const submit = async (event: TargetedSubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const username = chat.reading.to.value.trim();
    if (username === "" || isBusy.value) return;
    isBusy.value = true;
    problem.value = undefined;
    try {
      await chat.start(username);
    } catch (error) {
      problem.value = explainStart(error, username);
    } finally {
      isBusy.value = false;
    }
  };

  return (
    <form class="start" onSubmit={submit} aria-busy={isBusy}>
      <label for="recipient">To</label>
      <input
        id="recipient"
        placeholder="username"
        autocomplete="off"
        autocapitalize="none"
        spellcheck={false}
        value={chat.reading.to.value}
        onInput={(event) => {
          const { value } = event.currentTarget;
          const isTooLong = value.length > LONGEST_NAME;
          problem.value = isTooLong ? TOO_LONG : undefined;
          if (isTooLong) event.currentTarget.value = chat.reading.to.value;
          else chat.reading.address(value);
        }}
      />
      <button
        type="submit"
        class="round"
        aria-label="Start"
        disabled={chat.reading.to.value.trim() === "" || isBusy.value}
      >
        <Icon name="start" />
      </button>
      {problem.value !== undefined && <p role="alert">{problem.value}</p>}
      <OwnGroups />
    </form>
  );
}

/** Names the user who does not exist. */
export function explainStart(error: unknown, username: string): string {
  if (error instanceof SeveralGroups) return error.message;
  const isUnknown = error instanceof ProblemError && error.code === "unknown_user";
  return isUnknown ? `There is no user called “${username}”.` : explain(error);
}
