import type { VNode } from "preact";
import { firstCharacter } from "../text/graphemes.ts";
import { Icon } from "./icons.tsx";

/** How many colours `style.css` has. */
const COLOURS = 6;

/** The number of the colour in which a name always is. */
export const colourOf = (name: string): number =>
  [...name].reduce((total, letter) => (total * 31 + (letter.codePointAt(0) ?? 0)) % 65_521, 7) % COLOURS;

/** The first letter of a person's name, or the sign of a group, always in the same colour. */
export const Avatar = ({ name, isGroup = false }: { name: string; isGroup?: boolean }): VNode => (
  <span class="avatar" data-colour={colourOf(name)} data-group={isGroup} aria-hidden="true">
    {isGroup ? <Icon name="group" /> : firstCharacter(name).toUpperCase()}
  </span>
);
