import { type Signal, useSignal } from "@preact/signals";
import type { RefObject, VNode } from "preact";
import { useLayoutEffect } from "preact/hooks";
import type { User } from "../../../lib/client/index.ts";
import { counted } from "../text/counts.ts";
import { type Begun, begunMention } from "../text/mentions.ts";
import { Avatar } from "./Avatar.tsx";

/** The most names that are offered. */
const MOST = 8;

export interface MentionMenuProps {
  readonly box: RefObject<HTMLTextAreaElement | null>;
  readonly text: Signal<string>;
  /** Those who can be mentioned. */
  readonly people: readonly User[];
  /** Takes the text with the name, and where the cursor is to be. */
  onChoose(text: string, cursor: number): void;
}

/**
 * Completes `@name` in the box, which keeps the focus: arrows choose, Enter or Tab take the name, Escape closes the list. A tap
 * takes it as well.
 */
export function MentionMenu({ box, text, people, onChoose }: MentionMenuProps): VNode | null {
  const cursor = useSignal(0);
  /** What the arrows have chosen, for one mention as far as it is typed. */
  const chosen = useSignal({ typed: "", at: 0 });
  /** The mention for which the list was closed. */
  const closed = useSignal<number | undefined>(undefined);

  const begun = begunMention(text.value, cursor.value);
  const isClosed = begun === undefined || closed.value === begun.start;
  const found = isClosed ? [] : matching(people, begun);
  const isOpen = found.length > 0;
  const typed = `${begun?.start} ${begun?.typed}`;
  const at = chosen.value.typed === typed ? Math.min(chosen.value.at, found.length - 1) : 0;

  const insert = ({ username }: User) => {
    if (begun === undefined) return;
    const before = `${text.value.slice(0, begun.start)}@${username} `;
    closed.value = begun.start;
    onChoose(before + text.value.slice(cursor.value).replace(/^ /, ""), before.length);
  };

  /** @returns whether the key was for the list */
  const act = (event: KeyboardEvent): boolean => {
    const key = plainKey(event);
    const step = { ArrowDown: 1, ArrowUp: -1 }[key];
    const person = found[at];
    if (step !== undefined) chosen.value = { typed, at: (at + step + found.length) % found.length };
    else if (key === "Escape") closed.value = begun?.start;
    else if ((key === "Enter" || key === "Tab") && person !== undefined) insert(person);
    else return false;
    return true;
  };

  useLayoutEffect(() => {
    const area = box.current;
    if (area === null) return;
    const follow = () => {
      cursor.value = area.selectionStart === area.selectionEnd ? area.selectionEnd : 0;
      if (begunMention(area.value, cursor.value)?.start !== closed.value) closed.value = undefined;
    };
    follow();
    area.addEventListener("input", follow);
    document.addEventListener("selectionchange", follow);
    return () => {
      area.removeEventListener("input", follow);
      document.removeEventListener("selectionchange", follow);
    };
  }, []);

  // Layout effects: a key may come as soon as the list is there.
  useLayoutEffect(() => {
    const area = box.current;
    const around = area?.parentElement;
    if (area === null || !around || !isOpen) return;
    const onKey = (event: KeyboardEvent) => {
      if (event.target !== area || !act(event)) return;
      // The box must not send the message for this Enter.
      event.preventDefault();
      event.stopPropagation();
    };
    // Before the box gets it, in every browser.
    around.addEventListener("keydown", onKey, { capture: true });
    area.setAttribute("aria-controls", "mentions");
    area.setAttribute("aria-activedescendant", `mention-${at}`);
    return () => {
      around.removeEventListener("keydown", onKey, { capture: true });
      area.removeAttribute("aria-controls");
      area.removeAttribute("aria-activedescendant");
    };
  });

  return (
    <div class="mentions">
      <span class="visually-hidden" aria-live="polite">
        {isOpen && `${counted(found.length, "name")}. Choose with the arrow keys.`}
      </span>
      {isOpen && (
        <div id="mentions" role="listbox" aria-label="Members">
          {found.map((person, index) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the box has the focus, and takes the keys
            <div
              key={person.id}
              id={`mention-${index}`}
              role="option"
              tabIndex={-1}
              aria-selected={index === at}
              // The box keeps the focus, and a phone its keyboard.
              onPointerDown={(event) => event.preventDefault()}
              onClick={() => insert(person)}
            >
              <Avatar name={person.username} />
              {person.username}
            </div>
          ))}
        </div>
      )}
    </div>
  );
}

/** The key, unless another one is held with it or an input method takes it. */
const plainKey = ({ key, isComposing, shiftKey, ctrlKey, metaKey, altKey }: KeyboardEvent): string =>
  isComposing || shiftKey || ctrlKey || metaKey || altKey ? "" : key;

/** Those whose names begin with what is typed come before those who have it elsewhere. */
function matching(people: readonly User[], { typed }: Begun): readonly User[] {
  const placeIn = ({ username }: User): number => username.indexOf(typed);
  return people
    .filter((person) => placeIn(person) >= 0)
    .toSorted((one, other) => Math.min(placeIn(one), 1) - Math.min(placeIn(other), 1))
    .slice(0, MOST);
}
