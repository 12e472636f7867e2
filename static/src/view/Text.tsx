import type { VNode } from "preact";
import { pieces } from "../text/links.ts";

/** A message's content. It is text whatever it looks like; only web addresses become links. */
export function Text({ text }: { text: string }): VNode {
  return (
    <p class="text" dir="auto">
      {pieces(text).map(({ text: shown, href }) =>
        href === undefined ? (
          shown
        ) : (
          <a href={href} target="_blank" rel="noopener noreferrer nofollow ugc">
            {shown}
          </a>
        ),
      )}
    </p>
  );
}
