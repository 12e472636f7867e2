import type { VNode } from "preact";
import { useEffect } from "preact/hooks";
import type { Chat } from "../chat/chat.ts";
import { ChatContext } from "./context.ts";
import { focusAccount, focusAtOnce } from "./focus.ts";
import { HistoryNotice } from "./HistoryNotice.tsx";
import { Invitation } from "./Invitation.tsx";
import { NewVersion } from "./NewVersion.tsx";
import { Pane } from "./Pane.tsx";
import { Push } from "./Push.tsx";
import { Sidebar } from "./Sidebar.tsx";
import { TopBar } from "./TopBar.tsx";

/** The page of a user who is logged in. On a phone either the list or the conversation fills the screen. */
export function ChatPage({ chat }: { chat: Chat }): VNode {
  const unread = chat.unread.value;
  useEffect(() => {
    document.title = unread > 0 ? `(${unread}) goTalk` : "goTalk";
    // On the icon of the installed page. Not every browser has it, and it may be refused.
    void navigator.setAppBadge?.(unread).catch(() => undefined);
  }, [unread]);
  useEffect(
    () => () => {
      document.title = "goTalk";
      // Nobody is logged in any more, so nothing is unread.
      void navigator.clearAppBadge?.().catch(() => undefined);
    },
    [],
  );

  useEffect(() => {
    // After a login: the form is gone that had it. A reload opens the conversation that was open, whose box takes it.
    if (document.activeElement === document.body) focusAtOnce(document.getElementById("recipient"));
  }, []);

  return (
    <ChatContext.Provider value={chat}>
      <div class="app" data-screen={chat.reading.timeline.value === undefined ? "list" : "conversation"}>
        <TopBar />
        <div class="bars" aria-live="polite">
          {chat.storageProblem.value !== undefined && (
            <div class="message-bar" role="alert">
              <span>{chat.storageProblem.value} New messages wait on the server until then.</span>
              <button type="button" onClick={() => chat.sync()}>
                Try again
              </button>
            </div>
          )}
          {chat.failure.value !== undefined && (
            <div class="message-bar" role="alert">
              <span>{chat.failure.value}</span>
              <button
                type="button"
                onClick={() => {
                  focusAccount();
                  chat.failure.value = undefined;
                }}
              >
                OK
              </button>
            </div>
          )}
          {chat.isSharing.value && (
            <div class="message-bar calm">
              <span>
                You have reached the device limit. So this browser shares the messages with other logins, and does not
                get all of them. Remove a device under Devices in the account’s menu.
              </span>
            </div>
          )}
          <HistoryNotice />
          <Push />
          <NewVersion note="What you are typing is kept." />
        </div>
        <main>
          <Sidebar />
          <Pane />
        </main>
        <Invitation />
      </div>
    </ChatContext.Provider>
  );
}
