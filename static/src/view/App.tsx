import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect, useErrorBoundary, useRef } from "preact/hooks";
import type { Session } from "../../../lib/client/index.ts";
import { Chat } from "../chat/chat.ts";
import { explain } from "../chat/explain.ts";
import { endSession, expireSession, otherUser, session, switchUser } from "../chat/session.ts";
import { openDatabase } from "../storage/schema.ts";
import { ChatPage } from "./ChatPage.tsx";
import { LoginPage } from "./LoginPage.tsx";
import { Notice } from "./Notice.tsx";
import { WaysOut } from "./WaysOut.tsx";

const KEPT = "Log in again: your messages and what you were typing are kept.";

/** The server tells every end of a session alike. One before its time was somebody's wish. */
const whyEnded = ({ expiresAt }: Session): string =>
  Date.now() < Date.parse(expiresAt)
    ? `You were logged out from elsewhere: this device was removed, or your password was changed. ${KEPT}`
    : `Your session has ended. ${KEPT}`;

/** The whole page. A fault in it shows a notice, never a blank page. */
export function App(): VNode {
  const [error, reset] = useErrorBoundary((problem: unknown) => reportError(problem));
  return error === undefined ? <Page /> : <Broken onErase={reset} />;
}

function Page(): VNode {
  const current = session.value;
  if (otherUser.value !== undefined) return <OtherUser {...otherUser.value} />;
  return current === undefined ? <LoginPage /> : <LoggedIn key={current.id} session={current} />;
}

/** Another tab has logged in as another user. This tab shows that user only on a click. */
function OtherUser({ now, before }: { now: { username: string }; before: { username: string } }): VNode {
  return (
    <Notice title={`Another tab has logged in as ${now.username}`} isAlert>
      <p>
        This tab showed {before.username}. The drafts and unsent messages of {before.username} are kept in this browser
        until {before.username} logs in again.
      </p>
      <button type="button" class="primary" onClick={switchUser}>
        Continue as {now.username}
      </button>
    </Notice>
  );
}

function Broken({ onErase }: { onErase(): void }): VNode {
  return (
    <Notice title="Something went wrong in this page" isAlert>
      <p>Your messages and what you were typing are kept in this browser. Reload the page.</p>
      <WaysOut onErase={onErase} />
    </Notice>
  );
}

function LoggedIn(props: { session: Session }): VNode {
  const chat = useSignal<Chat | undefined>(undefined);
  const problem = useSignal<unknown>(undefined);
  const attempts = useSignal(0);
  const latest = useRef(props.session);
  latest.current = props.session;

  useEffect(() => {
    if (chat.value?.renew(props.session) === false) attempts.value++;
  }, [props.session.token]);

  useEffect(() => {
    let isGone = false;
    problem.value = undefined;
    const life = new AbortController();
    const events = {
      life: life.signal,
      // A lost connection never works again, so the chat begins anew. The storage has what was being typed.
      onLost: () => {
        if (!isGone) attempts.value++;
      },
      onNewer: () => {
        if (!isGone) problem.value = new DOMException("Another tab has changed its form.", "VersionError");
      },
    };
    openDatabase(props.session.id, events).then(
      (database) => {
        if (isGone) return database.close();
        chat.value = new Chat(latest.current, database, (token) => {
          // A late answer to an old session says nothing about the session after it.
          if (session.value?.token === token) expireSession(whyEnded(session.value));
        });
      },
      (error: unknown) => {
        problem.value = error;
      },
    );
    return () => {
      isGone = true;
      life.abort();
      chat.value?.close();
      chat.value = undefined;
    };
  }, [attempts.value]);

  if (problem.value !== undefined) return <NoStorage problem={problem.value} onRetry={() => attempts.value++} />;
  return chat.value === undefined ? <Notice title="Opening your messages…" /> : <ChatPage chat={chat.value} />;
}

function NoStorage({ problem, onRetry }: { problem: unknown; onRetry(): void }): VNode {
  if (problem instanceof DOMException && problem.name === "VersionError") {
    return (
      <Notice title="Your messages are stored by a newer version of goTalk" isAlert>
        <p>
          This version of the page cannot read them. They are kept in this browser, and new ones wait on the server.
          Reload the page to get the newer version. If you see this again, try it later.
        </p>
        <WaysOut />
      </Notice>
    );
  }
  return (
    <Notice title="Your messages cannot be stored here" isAlert>
      <p>{explain(problem)}</p>
      <p>goTalk keeps your messages on this device only. New ones wait on the server until they can be stored.</p>
      <button type="button" class="primary" onClick={onRetry}>
        Try again
      </button>
      <button type="button" onClick={() => endSession()}>
        Log out
      </button>
    </Notice>
  );
}
