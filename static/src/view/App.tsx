import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect } from "preact/hooks";
import type { Session } from "../../../lib/client.ts";
import { Chat } from "../chat/chat.ts";
import { endSession, session } from "../chat/session.ts";
import { explain } from "../chat/words.ts";
import { openDatabase } from "../storage/schema.ts";
import { ChatPage } from "./ChatPage.tsx";
import { LoginPage } from "./LoginPage.tsx";
import { Notice } from "./Notice.tsx";

const EXPIRED = "Your session has ended. Log in again: your messages and what you were typing are kept.";

/** The whole page. */
export function App(): VNode {
  const current = session.value;
  return current === undefined ? <LoginPage /> : <LoggedIn key={current.token} session={current} />;
}

function LoggedIn(props: { session: Session }): VNode {
  const chat = useSignal<Chat | undefined>(undefined);
  const problem = useSignal<string | undefined>(undefined);
  const attempts = useSignal(0);

  useEffect(() => {
    let isGone = false;
    problem.value = undefined;
    // A lost connection never works again. All is begun anew; what was being typed is in the storage as well.
    const onLost = () => {
      if (!isGone) attempts.value++;
    };
    openDatabase(props.session.id, onLost).then(
      (database) => {
        if (isGone) return database.close();
        chat.value = new Chat(props.session, database, () => {
          // A late answer to an old session says nothing about the one that came after it.
          if (session.value?.token === props.session.token) endSession(EXPIRED);
        });
      },
      (error: unknown) => {
        problem.value = explain(error);
      },
    );
    return () => {
      isGone = true;
      chat.value?.close();
      chat.value = undefined;
    };
  }, [attempts.value]);

  if (problem.value !== undefined) {
    return (
      <Notice title="Your messages cannot be stored here" isAlert>
        <p>{problem.value}</p>
        <p>goTalk keeps your messages on this device only. Nothing is fetched until there is a place for them.</p>
        <button type="button" class="primary" onClick={() => attempts.value++}>
          Try again
        </button>
      </Notice>
    );
  }
  return chat.value === undefined ? <Notice title="Opening your messages…" /> : <ChatPage chat={chat.value} />;
}
