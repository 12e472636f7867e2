import { useSignal } from "@preact/signals";
import type { TargetedSubmitEvent, VNode } from "preact";
import { PASSWORD } from "../../../../lib/contract/limits.ts";
import { useChat } from "../context.ts";
import { Dialog } from "./Dialog.tsx";
import { explainPassword, tooLong, tooLongToBeRight } from "./explain.ts";
import { PasswordField } from "./PasswordField.tsx";
import { useAttempt } from "./useAttempt.ts";

/** Changes the password, which ends all other sessions. */
export function PasswordDialog({ onClose }: { onClose(): void }): VNode {
  const { account, session } = useChat();
  const { problem, isBusy, attempt } = useAttempt();
  const isDone = useSignal(false);

  const submit = async (event: TargetedSubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const [password, newPassword] = [String(fields.get("password")), String(fields.get("new-password"))];
    const isTooLong = tooLongToBeRight(password) ?? tooLong(newPassword);
    if (isTooLong !== undefined) {
      problem.value = isTooLong;
      return;
    }
    await attempt(async () => {
      await account.changePassword(password, newPassword);
      isDone.value = true;
    }, explainPassword);
  };

  return (
    <Dialog title="Change password" onClose={onClose}>
      {isDone.value ? (
        <p role="status">Your password is changed, and all your other sessions have ended.</p>
      ) : (
        <form onSubmit={submit} aria-busy={isBusy}>
          {/* Tells password managers whose password it is. */}
          <input type="text" name="username" autocomplete="username" value={session.username} readOnly hidden />
          <PasswordField label="Current password" name="password" />
          <PasswordField label="New password" name="new-password" isNew />
          <p class="hint">
            At least {PASSWORD.minCharacters} characters. All your other sessions end. This device stays logged in.
          </p>
          {problem.value !== undefined && (
            <p class="message-bar" role="alert">
              {problem.value}
            </p>
          )}
          <button type="submit" class="primary" disabled={isBusy}>
            Change password
          </button>
        </form>
      )}
    </Dialog>
  );
}
