import type { VNode } from "preact";
import { ConversationList } from "./ConversationList.tsx";
import { useChat } from "./context.ts";
import { StartForm } from "./StartForm.tsx";

/** Whom to talk to: somebody new, or somebody known. */
export function Sidebar(): VNode {
  const { conversations, session } = useChat();
  return (
    <nav class="sidebar" aria-label="Chats">
      <StartForm />
      <ConversationList />
      {conversations.value?.length === 0 && (
        <div class="empty">
          <p>No conversations yet.</p>
          <p>
            Write somebody’s username above, or tell a friend yours: <strong>{session.username}</strong>
          </p>
        </div>
      )}
    </nav>
  );
}
