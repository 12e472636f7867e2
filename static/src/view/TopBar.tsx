import type { VNode } from "preact";
import { doubtLogout, endSession } from "../chat/session.ts";
import { AccountMenu } from "./AccountMenu.tsx";
import { ConnectionStatus } from "./ConnectionStatus.tsx";
import { useChat } from "./context.ts";
import { Logo } from "./icons.tsx";

/** What is always there: the connection, the account, the way out. */
export function TopBar(): VNode {
  const chat = useChat();
  const logOut = () => {
    // The session is forgotten here at once, whether the server can be told or not.
    chat.logOut().catch(() => doubtLogout(chat.session.username));
    endSession();
  };
  return (
    <header class="top-bar">
      <h1 class="brand">
        <Logo />
        <span>goTalk</span>
      </h1>
      <ConnectionStatus />
      <AccountMenu />
      <button type="button" onClick={logOut}>
        Log out
      </button>
    </header>
  );
}
