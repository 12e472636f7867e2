import { useSignal } from "@preact/signals";
import type { TargetedSubmitEvent, VNode } from "preact";
import { type ListedDevice, ProblemError } from "../../../lib/client/index.ts";
import { PASSWORD } from "../../../lib/contract/limits.ts";
import { explain } from "../chat/explain.ts";
import { invitation } from "../chat/joinLink.ts";
import { logIn, register } from "../chat/login.ts";
import { ended } from "../chat/session.ts";
import { tooLong, tooLongToBeRight } from "./dialogs/explain.ts";
import { focusAtOnce } from "./focus.ts";
import { Logo } from "./icons.tsx";
import { NewVersion } from "./NewVersion.tsx";
import { ReplaceDevice } from "./ReplaceDevice.tsx";

/** Log in, or register and log in. */
export function LoginPage(): VNode {
  const problem = useSignal<string | undefined>(undefined);
  const isBusy = useSignal(false);
  /** Whether the server has asked for an invite code. If registration is open, people never see the field. */
  const needsInvite = useSignal(false);
  /** The user who was just registered. If the login after it fails, another registration would find the name taken. */
  const registered = useSignal<string | undefined>(undefined);

  /** The user's devices, if there is no room for this one. */
  const devices = useSignal<readonly ListedDevice[]>([]);

  const isRegistered = (username: string) => registered.value === username.toLowerCase();

  const tell = (error: unknown, username: string): string => {
    if (!needsInvite.value && wantsInvite(error)) {
      needsInvite.value = true;
      return "You need an invite code to register here.";
    }
    return isRegistered(username) ? `You are registered, but not logged in yet. ${explain(error)}` : explain(error);
  };

  const enter = async (form: HTMLFormElement, isNew: boolean, replaceDeviceId?: string) => {
    const fields = new FormData(form);
    const credentials = { username: String(fields.get("username")).trim(), password: String(fields.get("password")) };
    const inviteCode = String(fields.get("invite") ?? "").trim() || undefined;
    problem.value = (isNew ? tooLong : tooLongToBeRight)(credentials.password);
    if (problem.value !== undefined) return;
    isBusy.value = true;
    devices.value = [];
    try {
      if (isNew && !isRegistered(credentials.username)) registered.value = await register(credentials, inviteCode);
      await logIn(credentials, replaceDeviceId);
    } catch (error) {
      problem.value = tell(error, credentials.username);
      devices.value = error instanceof ProblemError ? error.devices : [];
    } finally {
      isBusy.value = false;
    }
  };

  const submit = async (event: TargetedSubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (!isBusy.value) await enter(event.currentTarget, event.submitter?.getAttribute("value") === "register");
  };

  const replace = (form: HTMLFormElement | null, deviceId: string) => {
    if (form !== null && !isBusy.value) void enter(form, false, deviceId);
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
        {invitation.value && (
          <p class="message-bar calm">
            <span>
              You are invited to a group
              {invitation.value.name !== "" && (
                <>
                  , “<bdi>{invitation.value.name}</bdi>”
                </>
              )}
              . Log in or register to join it.
            </span>
          </p>
        )}
        {ended.value && problem.value === undefined && (
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
            ref={focusAtOnce}
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
        {devices.value.length > 0 && <ReplaceDevice devices={devices.value} isBusy={isBusy} onReplace={replace} />}
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
