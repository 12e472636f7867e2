import { useSignal } from "@preact/signals";
import type { TargetedKeyboardEvent, VNode } from "preact";
import { useId, useRef } from "preact/hooks";
import type { User } from "../../../../lib/client/index.ts";
import { useChat } from "../context.ts";
import { explainMember } from "./explainGroup.ts";
import { Problem } from "./Problem.tsx";
import { useAttempt } from "./useAttempt.ts";

interface MemberFieldProps {
  readonly label: string;
  /** Takes a user who exists. Returns why the user cannot be added, or throws. */
  onFound(user: User): Promise<string | undefined>;
  /** Gets what is typed and not added yet. */
  onTyped?(username: string): void;
}

/** A field for a username. The user is looked up, and then taken. */
export function MemberField({ label, onFound, onTyped = () => {} }: MemberFieldProps): VNode {
  const { groups } = useChat();
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  const typed = useSignal("");
  const { problem, isBusy, attempt } = useAttempt();
  const type = (value: string) => {
    typed.value = value;
    problem.value = undefined;
    onTyped(value.trim());
  };
  const add = async () => {
    const username = typed.value.trim();
    if (username === "") return;
    await attempt(async () => {
      const refusal = await onFound(await groups.find(username));
      if (refusal === undefined) type("");
      else problem.value = refusal;
    }, explainMember(username));
    field.current?.focus();
  };
  return (
    <>
      <div class="with-button">
        <label for={id}>{label}</label>
        <input
          id={id}
          ref={field}
          placeholder="username"
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          value={typed.value}
          onInput={(event) => type(event.currentTarget.value)}
          onKeyDown={(event: TargetedKeyboardEvent<HTMLInputElement>) => {
            if (event.key !== "Enter") return;
            event.preventDefault();
            void add();
          }}
        />
        <button type="button" aria-disabled={isBusy} onClick={() => void add()}>
          Add
        </button>
      </div>
      <Problem problem={problem} />
    </>
  );
}
