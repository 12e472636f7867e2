import type { VNode } from "preact";
import { piecesOf } from "../chat/linking.ts";
import type { Piece } from "../text/links.ts";
import { mentionPieces } from "../text/mentions.ts";
import { useChat } from "./context.ts";
import { useGroup } from "./group.ts";

/** A message's content. It is always shown as text; web and mail addresses become links, and in a group names are marked. */
export function Text({ text }: { text: string }): VNode {
  return (
    <p class="text" dir="auto">
      {piecesOf(text).map(({ href, ...piece }) =>
        href === undefined ? plain(piece.text) : <Link {...piece} href={href} />,
      )}
    </p>
  );
}

const plain = (text: string): VNode | string => (text.includes("@") ? <Mentioning text={text} /> : text);

/** A text that may mention people. */
function Mentioning({ text }: { text: string }): VNode {
  const { username } = useChat().session;
  const group = useGroup();
  if (group === undefined) return <>{text}</>;
  const names = new Set([username, ...group.members.map((member) => member.username), ...(group.former ?? [])]);
  return (
    <>
      {mentionPieces(text, (name) => names.has(name)).map(({ text: part, name }) =>
        name === undefined ? (
          part
        ) : (
          <strong class="mention" data-own={name === username}>
            {part}
          </strong>
        ),
      )}
    </>
  );
}

const Link = ({ text, href, leadsTo }: Piece & { href: string }): VNode => (
  <>
    {/* Always from left to right, and without influence on the direction of the text around it. */}
    <a href={href} dir="ltr" target="_blank" rel="noopener noreferrer nofollow ugc">
      {text}
    </a>
    {leadsTo !== undefined && (
      <span class="leads-to" dir="ltr">
        {" "}
        (opens {leadsTo})
      </span>
    )}
  </>
);
