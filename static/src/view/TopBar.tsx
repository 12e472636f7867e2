import type { VNode } from "preact";
import { endSession, explainEnd } from "../chat/session.ts";
import { AccountMenu } from "./AccountMenu.tsx";
import { ConnectionStatus } from "./ConnectionStatus.tsx";
import { useChat } from "./context.ts";
import { Logo } from "./icons.tsx";

const UNCERTAIN =
  "You are logged out on this device. The server may not know it yet: log in again here, or remove this device on another one.";

/** The bar that is always there: the connection, the account, the logout. */
export function TopBar(): VNode {
  const chat = useChat();
  const logOut = () => {
    // The session ends here at once, whether the server can be told or not.
    chat.logOut().catch(() => explainEnd(UNCERTAIN));
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
