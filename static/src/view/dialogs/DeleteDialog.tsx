import type { TargetedSubmitEvent, VNode } from "preact";
import { endPush } from "../../chat/endPush.ts";
import { deleteLogins } from "../../chat/logins.ts";
import { endSession } from "../../chat/session.ts";
import { eraseUser } from "../../storage/schema.ts";
import { useChat } from "../context.ts";
import { Dialog } from "./Dialog.tsx";
import { explainPassword, tooLongToBeRight } from "./explain.ts";
import { PasswordField } from "./PasswordField.tsx";
import { useAttempt } from "./useAttempt.ts";

/** Deletes the account, and everything that this device keeps of it. */
export function DeleteDialog({ onClose }: { onClose(): void }): VNode {
  const chat = useChat();
  const { problem, isBusy, attempt } = useAttempt();

  const submit = async (event: TargetedSubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const password = String(new FormData(event.currentTarget).get("password"));
    problem.value = tooLongToBeRight(password);
    if (problem.value !== undefined) return;
    await attempt(async () => {
      await chat.account.delete(password);
      // Before the data are erased, so that nothing is written any more.
      chat.close();
      deleteLogins(chat.session.username);
      endSession("Your account is deleted, with all that this device kept of it.");
      await Promise.all([eraseUser(chat.session.id), endPush(chat.session.id)]);
    }, explainPassword);
  };

  return (
    <Dialog title="Delete account" onClose={onClose}>
      <p>This cannot be undone:</p>
      <ul class="points">
        <li>All your sessions end, and nobody can write to you any more.</li>
        <li>Messages that wait for you are not delivered.</li>
        <li>The conversations on this device are deleted. What others have received stays with them.</li>
        <li>Nobody can register your name for 90 days, not even you.</li>
      </ul>
      <form onSubmit={submit} aria-busy={isBusy}>
        <input type="text" name="username" autocomplete="username" value={chat.session.username} readOnly hidden />
        <PasswordField label="Your password" name="password" />
        {problem.value !== undefined && (
          <p class="message-bar" role="alert">
            {problem.value}
          </p>
        )}
        <button type="submit" class="danger" disabled={isBusy}>
          Delete my account
        </button>
      </form>
    </Dialog>
  );
}
