import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useRef } from "preact/hooks";
import { type Theme, theme } from "../chat/theme.ts";
import { AccountDialog } from "./AccountDialog.tsx";
import { Avatar } from "./Avatar.tsx";
import { useChat } from "./context.ts";
import { EraseDialog } from "./dialogs/EraseDialog.tsx";
import { useAttempt } from "./dialogs/useAttempt.ts";
import { Icon } from "./icons.tsx";

const THEMES: readonly (readonly [Theme, string])[] = [
  ["system", "System"],
  ["light", "Light"],
  ["dark", "Dark"],
];

type Pick = Parameters<typeof AccountDialog>[0]["pick"];

/** The actions on the account, in the order of the menu. Without a function: the dialog is there without a network, too. */
const DIALOGS: Readonly<Record<string, Pick | undefined>> = {
  Notifications: ({ NotificationsDialog }) => NotificationsDialog,
  Devices: ({ DevicesDialog }) => DevicesDialog,
  "Change password": ({ PasswordDialog }) => PasswordDialog,
  "Blocked people": ({ BlockedDialog }) => BlockedDialog,
  "Files on this device": ({ FilesDialog }) => FilesDialog,
  "Bring history to another device": ({ OfferDialog }) => OfferDialog,
  "Bring history from another device": ({ BringDialog }) => BringDialog,
  "Export history": ({ ExportDialog }) => ExportDialog,
  "Import history": ({ ImportDialog }) => ImportDialog,
  "Log out and erase this device": undefined,
  "Delete account": ({ DeleteDialog }) => DeleteDialog,
};

/** The user's own name and id, the settings, and the actions on the account. */
export function AccountMenu(): VNode {
  const { id, username } = useChat().session;
  const button = useRef<HTMLButtonElement>(null);
  const shown = useSignal<string | undefined>(undefined);
  const open = (name: string) => {
    // The menu closes when the dialog opens. The dialog gives the focus back to the button.
    button.current?.focus();
    shown.value = name;
  };
  const name = shown.value;
  const pick = name && DIALOGS[name];
  const onClose = () => {
    // The event of a closed dialog comes a moment later. Another dialog may be open by then.
    if (shown.value === name) shown.value = undefined;
  };
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
        <ReadReceipts />
        <div class="actions">
          {Object.keys(DIALOGS).map((name) => (
            <button key={name} type="button" onClick={() => open(name)}>
              {name}
            </button>
          ))}
        </div>
      </div>
      {name && pick && <AccountDialog key={name} title={name} pick={pick} onClose={onClose} />}
      {name && !pick && <EraseDialog onClose={onClose} />}
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

/** Whether people are told what the person has read, and the person what they have. */
function ReadReceipts(): VNode {
  const chat = useChat();
  const { problem, attempt } = useAttempt();
  return (
    <div class="setting">
      <label>
        <input
          type="checkbox"
          checked={chat.settings.tellsRead.value}
          aria-describedby="read-receipts"
          onChange={({ currentTarget: box }) => {
            const isOn = box.checked;
            void attempt(async () => {
              try {
                await chat.settings.setTellsRead(isOn);
              } finally {
                box.checked = chat.settings.tellsRead.value;
              }
            });
          }}
        />
        Read receipts
      </label>
      <p id="read-receipts" class="hint">
        If this is off, people do not see which messages you have read, and you do not see which messages they have
        read. The setting holds on all of your devices.
      </p>
      {problem.value !== undefined && <p role="alert">{problem.value}</p>}
    </div>
  );
}
