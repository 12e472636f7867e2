import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useRef } from "preact/hooks";
import { askPermission, permission } from "../chat/notifications.ts";
import { type Theme, theme } from "../chat/theme.ts";
import { Avatar } from "./Avatar.tsx";
import { useChat } from "./context.ts";
import { BlockedDialog } from "./dialogs/BlockedDialog.tsx";
import { DeleteDialog } from "./dialogs/DeleteDialog.tsx";
import { DevicesDialog } from "./dialogs/DevicesDialog.tsx";
import { EraseDialog } from "./dialogs/EraseDialog.tsx";
import { ExportDialog } from "./dialogs/ExportDialog.tsx";
import { ImportDialog } from "./dialogs/ImportDialog.tsx";
import { PasswordDialog } from "./dialogs/PasswordDialog.tsx";
import { Icon } from "./icons.tsx";

const THEMES: readonly (readonly [Theme, string])[] = [
  ["system", "Use system setting"],
  ["light", "Light"],
  ["dark", "Dark"],
];

/** The actions on the account, in the order of the menu. */
const DIALOGS = {
  Devices: DevicesDialog,
  "Change password": PasswordDialog,
  "Blocked people": BlockedDialog,
  "Export history": ExportDialog,
  "Import history": ImportDialog,
  "Log out and erase this device": EraseDialog,
  "Delete account": DeleteDialog,
} as const;

/** The user's own name and id, the settings, and the actions on the account. */
export function AccountMenu(): VNode {
  const { id, username } = useChat().session;
  const button = useRef<HTMLButtonElement>(null);
  const shown = useSignal<keyof typeof DIALOGS | undefined>(undefined);
  const open = (name: keyof typeof DIALOGS) => {
    // The menu closes when the dialog opens. The dialog gives the focus back to the button.
    button.current?.focus();
    shown.value = name;
  };
  const name = shown.value;
  const Shown = name && DIALOGS[name];
  return (
    <>
      <button ref={button} type="button" class="account" popovertarget="account">
        <Avatar name={username} />
        <span class="visually-hidden">Account: </span>
        <span class="name">{username}</span>
      </button>
      <div id="account" class="menu" popover="auto">
        <Copyable label="username" value={username} />
        <Copyable label="id" value={id} />
        <fieldset>
          <legend>Theme</legend>
          {THEMES.map(([value, name]) => (
            <label key={value}>
              <input
                type="radio"
                name="theme"
                checked={theme.value === value}
                onChange={() => {
                  theme.value = value;
                }}
              />
              {name}
            </label>
          ))}
        </fieldset>
        <Notifications
          onAsk={() => {
            // The answer removes the button that has the focus.
            button.current?.focus();
            void askPermission();
          }}
        />
        <div class="actions">
          {(Object.keys(DIALOGS) as (keyof typeof DIALOGS)[]).map((name) => (
            <button key={name} type="button" onClick={() => open(name)}>
              {name}
            </button>
          ))}
        </div>
      </div>
      {Shown && (
        <Shown
          onClose={() => {
            // The event of a closed dialog comes a moment later. Another dialog may be open by then.
            if (shown.value === name) shown.value = undefined;
          }}
        />
      )}
    </>
  );
}

function Copyable({ label, value }: { label: string; value: string }): VNode {
  const isCopied = useSignal(false);
  const copy = async () => {
    await navigator.clipboard.writeText(value);
    isCopied.value = true;
  };
  return (
    <div class="copyable">
      <span>
        <small>Your {label}</small>
        <code>{value}</code>
      </span>
      {/* Browsers have no clipboard on plain HTTP from another machine; the text can be selected there. */}
      {navigator.clipboard && (
        <button type="button" onClick={copy} aria-label={`Copy ${label}`}>
          <Icon name={isCopied.value ? "check" : "copy"} />
          {isCopied.value ? "Copied" : "Copy"}
        </button>
      )}
    </div>
  );
}

function Notifications({ onAsk }: { onAsk(): void }): VNode {
  if (permission.value === "default") {
    return (
      <button type="button" onClick={onAsk}>
        <Icon name="bell" />
        Turn on notifications
      </button>
    );
  }
  const words = {
    granted: "Notifications are on. They appear while this page is in the background.",
    denied: "Notifications are blocked. Allow them for this site in the browser’s settings.",
    unsupported: "This browser does not support notifications here.",
  };
  return <p class="hint">{words[permission.value]}</p>;
}
