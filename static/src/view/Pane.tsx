import type { VNode } from "preact";
import { explain } from "../chat/explain.ts";
import type { Timeline } from "../chat/timeline.ts";
import { Avatar } from "./Avatar.tsx";
import { BlockedNote, BlockToggle } from "./Block.tsx";
import { Composer } from "./Composer.tsx";
import { useChat } from "./context.ts";
import { Icon } from "./icons.tsx";
import { Log } from "./Log.tsx";
import { explainStart } from "./StartForm.tsx";
import { Undelivered } from "./Undelivered.tsx";

/** The open conversation, the conversation that is about to begin, or a hint when there is none. */
export function Pane(): VNode {
  const chat = useChat();
  const username = chat.reading.to.value.trim();
  if (username !== "") return <Beginning username={username} />;
  if (chat.reading.timeline.value)
    return <Open key={chat.reading.timeline.value.peerId} timeline={chat.reading.timeline.value} />;
  return (
    <section class="pane">
      <div class="empty">
        <Icon name="chat" />
        <p>Choose a conversation, or write a username under “To”.</p>
      </div>
    </section>
  );
}

function Beginning({ username }: { username: string }): VNode {
  const chat = useChat();
  return (
    <section class="pane">
      <header>
        <Avatar name={username} />
        <h2>New conversation with {username}</h2>
      </header>
      <div class="empty">
        <p>Press Enter after the name, or write the first message.</p>
      </div>
      <Composer
        key="beginning"
        onSend={(text) => chat.start(username, text)}
        explain={(error) => explainStart(error, username)}
      />
    </section>
  );
}

function Open({ timeline }: { timeline: Timeline }): VNode {
  const chat = useChat();
  const { peerId } = timeline;
  const name = chat.conversations.value?.find((known) => known.peerId === peerId)?.name ?? "";
  return (
    <section class="pane">
      <header>
        <button type="button" class="round back" aria-label="Back" onClick={() => chat.reading.leave()}>
          <Icon name="back" />
        </button>
        <Avatar name={name} />
        <h2>{name}</h2>
        <BlockToggle user={{ id: peerId, username: name }} />
      </header>
      <Log timeline={timeline} name={name} />
      <BlockedNote user={{ id: peerId, username: name }} />
      <Undelivered peerId={peerId} />
      <Composer peerId={peerId} onSend={(text) => chat.send(peerId, text)} explain={explain} />
    </section>
  );
}
