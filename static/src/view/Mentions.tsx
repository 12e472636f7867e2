import { type Signal, useSignal } from "@preact/signals";
import type { ComponentType, RefObject, VNode } from "preact";
import { useEffect } from "preact/hooks";
import { loadPart } from "../chat/loading.ts";
import type { KnownGroup } from "../storage/records.ts";
import { useChat } from "./context.ts";
import type { MentionMenuProps } from "./MentionMenu.tsx";

const load = () => import("./MentionMenu.tsx");

interface MentionsProps {
  readonly box: RefObject<HTMLTextAreaElement | null>;
  readonly text: Signal<string>;
  readonly group: KnownGroup;
  /** Takes a text as if it was typed. */
  onType(text: string): void;
}

/**
 * Completes the names of a group's members. It is loaded when the first `@` is there. If that fails, names are typed in full
 * until the next one.
 */
export function Mentions({ box, text, group, onType }: MentionsProps): VNode | null {
  const ownId = useChat().session.id;
  const loaded = useSignal<{ readonly Menu: ComponentType<MentionMenuProps> } | undefined>(undefined);
  const isNeeded = text.value.includes("@");
  useEffect(() => {
    if (!isNeeded || loaded.value !== undefined) return;
    loadPart(load).then(
      ({ MentionMenu }) => {
        loaded.value = { Menu: MentionMenu };
      },
      () => undefined,
    );
  }, [isNeeded]);
  const Menu = loaded.value?.Menu;
  if (Menu === undefined || !isNeeded) return null;
  const choose = (value: string, cursor: number) => {
    const area = box.current;
    if (area === null) return;
    onType(value);
    // Before the box is drawn again, so that the cursor is where the text ends.
    area.value = value;
    area.setSelectionRange(cursor, cursor);
    area.focus();
  };
  return <Menu box={box} text={text} people={group.members.filter(({ id }) => id !== ownId)} onChoose={choose} />;
}
