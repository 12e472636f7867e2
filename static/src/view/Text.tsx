import type { VNode } from "preact";
import { type Piece, pieces } from "../text/links.ts";

/** A message's content. It is always shown as text; only web and mail addresses become links. */
export function Text({ text }: { text: string }): VNode {
  return (
    <p class="text" dir="auto">
      {pieces(text).map(({ href, ...piece }) => (href === undefined ? piece.text : <Link {...piece} href={href} />))}
    </p>
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
