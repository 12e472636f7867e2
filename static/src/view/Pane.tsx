import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { isGroupId } from "../../../lib/client/index.ts";
import { explain } from "../chat/explain.ts";
import { fileParts, loadFileParts } from "../chat/fileParts.ts";
import type { Timeline } from "../chat/timeline.ts";
import { Avatar } from "./Avatar.tsx";
import { BlockedNote } from "./BlockedNote.tsx";
import { Composer } from "./Composer.tsx";
import { ConversationMenu } from "./ConversationMenu.tsx";
import { useChat } from "./context.ts";
import { useFocusLine } from "./focus.ts";
import { GroupDialogs, GroupEntries } from "./GroupMenu.tsx";
import { GroupContext } from "./group.ts";
import { Icon } from "./icons.tsx";
import { Log } from "./Log.tsx";
import { MessageDialogs } from "./MessageDialogs.tsx";
import { PaneSubtitle } from "./PaneSubtitle.tsx";
import { ReplyBar } from "./ReplyBar.tsx";
import { RequestBar } from "./RequestBar.tsx";
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
  const isUnknown = chat.reading.unknown.value === username;
  const blocked = [...(chat.account.blocked.value?.values() ?? [])].find(
    (user) => user.username === username.toLowerCase(),
  );
  return (
    <section class="pane">
      <header>
        <Avatar name={username} />
        <h2>{isUnknown ? `No user called ${username}` : `New conversation with ${username}`}</h2>
      </header>
      <div class="empty">
        <p>
          {isUnknown
            ? "Correct the name under “To”. What you have written is kept."
            : "Press Enter after the name, or write the first message."}
        </p>
      </div>
      {blocked !== undefined && (
        <div class="between">
          <BlockedNote user={blocked} />
        </div>
      )}
      <Composer
        key="beginning"
        isBlocked={blocked !== undefined}
        onSend={(text) => chat.start(username, text)}
        explain={(error) => explainStart(error, username)}
      />
    </section>
  );
}

function Open({ timeline }: { timeline: Timeline }): VNode {
  const chat = useChat();
  const { peerId } = timeline;
  const pane = useRef<HTMLElement>(null);
  useFocusLine(pane);
  useEffect(() => void loadFileParts(), []);
  const group = chat.groups.of(peerId);
  const isGroup = isGroupId(peerId);
  const conversation = chat.conversations.value?.find((known) => known.peerId === peerId);
  const name = group?.name ?? conversation?.name ?? "";
  const shown = useSignal<"info" | "leave" | undefined>(undefined);
  const send = async (text: string) => {
    const about = timeline.replyTo.value;
    timeline.replyTo.value = undefined;
    try {
      await chat.writing.send(peerId, text, about?.messageId);
    } catch (error) {
      timeline.replyTo.value = about;
      throw error;
    }
  };
  const cancelReply = () => {
    if (timeline.replyTo.value !== undefined) chat.reading.begun.reply(timeline, undefined);
  };
  return (
    <GroupContext.Provider value={group}>
      <section ref={pane} class="pane">
        <header>
          <button type="button" class="round back" aria-label="Back" onClick={() => chat.reading.leave()}>
            <Icon name="back" />
          </button>
          <Avatar name={name} isGroup={isGroup} />
          <div class="title">
            <h2>{name}</h2>
            <PaneSubtitle peerId={peerId} members={group?.members} />
          </div>
          {conversation && (
            <ConversationMenu conversation={conversation}>{isGroup && <GroupEntries shown={shown} />}</ConversationMenu>
          )}
        </header>
        <Log timeline={timeline} name={name} />
        <div class="between">
          {!isGroup && <BlockedNote user={{ id: peerId, username: name }} />}
          <RequestBar peerId={peerId} name={name} />
          <Undelivered peerId={peerId} />
          <ReplyBar timeline={timeline} name={name} />
        </div>
        <Composer
          peerId={peerId}
          isBlocked={!isGroup && chat.account.isBlocked(peerId)}
          onSend={send}
          onEscape={cancelReply}
          explain={explain}
        />
        <MessageDialogs timeline={timeline} />
        {fileParts.value && <fileParts.value.FileDialogs timeline={timeline} name={name} />}
        {isGroup && <GroupDialogs groupId={peerId} shown={shown} />}
      </section>
    </GroupContext.Provider>
  );
}
