import type { VNode } from "preact";
import { firstCharacter } from "../text/graphemes.ts";

/** How many colours `style.css` has. */
const COLOURS = 6;

/** The first letter of a name, always in the same colour. */
export function Avatar({ name }: { name: string }): VNode {
  const hash = [...name].reduce((total, letter) => (total * 31 + (letter.codePointAt(0) ?? 0)) % 65_521, 7);
  return (
    <span class="avatar" data-colour={hash % COLOURS} aria-hidden="true">
      {firstCharacter(name).toUpperCase()}
    </span>
  );
}
