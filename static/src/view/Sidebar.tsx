import type { VNode } from "preact";
import { ConversationList } from "./ConversationList.tsx";
import { useChat } from "./context.ts";
import { NewGroupButton } from "./NewGroupButton.tsx";
import { StartForm } from "./StartForm.tsx";

/** Starts a conversation with somebody new, and lists the known ones. */
export function Sidebar(): VNode {
  const { conversations, session } = useChat();
  return (
    <nav class="sidebar" aria-label="Chats">
      <div class="starts">
        <StartForm />
        <NewGroupButton />
      </div>
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
