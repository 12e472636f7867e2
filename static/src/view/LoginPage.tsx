import { useSignal } from "@preact/signals";
import type { TargetedSubmitEvent, VNode } from "preact";
import { Client, ProblemError } from "../../../lib/client/index.ts";
import { PASSWORD } from "../../../lib/contract/limits.ts";
import { earlierTokenOf } from "../chat/deviceToken.ts";
import { explain } from "../chat/explain.ts";
import { ended, startSession } from "../chat/session.ts";
import { tooLong, tooLongToBeRight } from "./dialogs/explain.ts";
import { Logo } from "./icons.tsx";
import { NewVersion } from "./NewVersion.tsx";

/** Log in, or register and log in. */
export function LoginPage(): VNode {
  const problem = useSignal<string | undefined>(undefined);
  const isBusy = useSignal(false);
  /** Whether the server has asked for an invite code. If registration is open, people never see the field. */
  const needsInvite = useSignal(false);
  /** The user who was just registered. If the login after it fails, another registration would find the name taken. */
  const registered = useSignal<string | undefined>(undefined);

  const isRegistered = (username: string) => registered.value === username.toLowerCase();

  const tell = (error: unknown, username: string): string => {
    if (!needsInvite.value && wantsInvite(error)) {
      needsInvite.value = true;
      return "You need an invite code to register here.";
    }
    return isRegistered(username) ? `You are registered, but not logged in yet. ${explain(error)}` : explain(error);
  };

  const submit = async (event: TargetedSubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (isBusy.value) return;
    const fields = new FormData(event.currentTarget);
    const credentials = { username: String(fields.get("username")).trim(), password: String(fields.get("password")) };
    const inviteCode = String(fields.get("invite") ?? "").trim() || undefined;
    const isNew = event.submitter?.getAttribute("value") === "register";
    problem.value = (isNew ? tooLong : tooLongToBeRight)(credentials.password);
    if (problem.value !== undefined) return;
    isBusy.value = true;
    try {
      const client = new Client({ url: "", retry: { giveUpAfter: 5_000 } });
      if (isNew && !isRegistered(credentials.username)) {
        registered.value = (await client.register({ ...credentials, inviteCode })).username;
      }
      startSession(await client.login({ ...credentials, earlierToken: earlierTokenOf(credentials.username) }));
      // Asks the browser not to clear the history when it needs room. Nothing depends on its answer.
      void navigator.storage?.persist?.().catch(() => undefined);
    } catch (error) {
      problem.value = tell(error, credentials.username);
    } finally {
      isBusy.value = false;
    }
  };

  return (
    <main class="login">
      <form onSubmit={submit} aria-busy={isBusy}>
        <h1>
          <Logo />
          goTalk
        </h1>
        <p class="lead">Simple messages that always arrive, exactly once.</p>
        <NewVersion />
        {ended.value && (
          <p class="message-bar" role="alert">
            {ended.value.reason}
          </p>
        )}
        <label>
          Username
          <input
            name="username"
            autocomplete="username"
            autocapitalize="none"
            spellcheck={false}
            required
            defaultValue={ended.value?.username ?? ""}
          />
        </label>
        <label>
          Password
          <input
            name="password"
            type="password"
            autocomplete="current-password"
            required
            minLength={PASSWORD.minCharacters}
            aria-describedby="password-hint"
          />
        </label>
        <p class="hint" id="password-hint">
          At least {PASSWORD.minCharacters} characters.
        </p>
        {needsInvite.value && (
          <>
            <label>
              Invite code
              <input
                name="invite"
                autocomplete="off"
                autocapitalize="characters"
                spellcheck={false}
                aria-describedby="invite-hint"
                ref={focusOnce}
              />
            </label>
            <p class="hint" id="invite-hint">
              You get it from the person who runs this service. You need it to register, not to log in.
            </p>
          </>
        )}
        {problem.value !== undefined && (
          <p class="message-bar" role="alert">
            {problem.value}
          </p>
        )}
        <div class="choices">
          <button type="submit" class="primary" value="login" disabled={isBusy}>
            Log in
          </button>
          <button type="submit" value="register" disabled={isBusy}>
            Register
          </button>
        </div>
      </form>
    </main>
  );
}

/** Whether a registration failed because there was no invite code. */
const wantsInvite = (error: unknown): boolean =>
  error instanceof ProblemError && error.fields.some(({ field }) => field === "inviteCode");

/** Gives the focus to a field that has just appeared. */
const focusOnce = (field: HTMLInputElement | null): void => field?.focus();
