import type { VNode } from "preact";
import { type Piece, pieces } from "../text/links.ts";

/** A message's content. It is text whatever it looks like; only web and mail addresses become links. */
export function Text({ text }: { text: string }): VNode {
  return (
    <p class="text" dir="auto">
      {pieces(text).map(({ href, ...piece }) => (href === undefined ? piece.text : <Link {...piece} href={href} />))}
    </p>
  );
}

const Link = ({ text, href, leadsTo }: Piece & { href: string }): VNode => (
  <>
    {/* By itself, from left to right: it neither turns with the text around it nor decides which way that runs. */}
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
