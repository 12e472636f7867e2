import { useSignal } from "@preact/signals";
import type { TargetedEvent, TargetedKeyboardEvent, VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { closeAround, Dialog } from "../view/dialogs/Dialog.tsx";
import { pointers } from "../view/sendKey.ts";
import { type Emoji, type EmojiGroup, found, loadEmoji } from "./data.ts";

interface EmojiPickerProps {
  /** The emoji that is chosen already. */
  readonly chosen: string | undefined;
  onChoose(emoji: string): void;
  onClose(): void;
}

/** All emoji, by their groups and by a search. */
export function EmojiPicker({ chosen, onChoose, onClose }: EmojiPickerProps): VNode {
  const groups = useSignal<readonly EmojiGroup[] | undefined>(undefined);
  const hasFailed = useSignal(false);
  const question = useSignal("");
  const load = () => {
    hasFailed.value = false;
    loadEmoji().then(
      (loaded) => {
        groups.value = loaded;
      },
      () => {
        hasFailed.value = true;
      },
    );
  };
  useEffect(load, []);
  const all = groups.value;
  const asked = question.value.trim();
  const matches = all === undefined || asked === "" ? undefined : found(all, asked);
  const answer = { name: "Found", emojis: matches ?? [] };
  const shown = matches === undefined ? all : matches.length === 0 ? [] : [answer];
  const onKeyDown = (event: TargetedKeyboardEvent<HTMLInputElement>) => {
    const { key, isComposing, currentTarget } = event;
    // In WebKit a field for a search keeps the key for itself, also when it is empty.
    if (key === "Escape" && currentTarget.value === "" && !isComposing) {
      event.preventDefault();
      closeAround(currentTarget);
      return;
    }
    const first = currentTarget.parentElement?.querySelector<HTMLElement>("[data-emoji]");
    const isChoice = key === "Enter" && matches !== undefined;
    if (isComposing || !first || !(isChoice || key === "ArrowDown")) return;
    // The key is not to press what has the focus next.
    event.preventDefault();
    if (isChoice) first.click();
    else first.focus();
  };
  return (
    <Dialog title="Choose a reaction" onClose={onClose}>
      <div class="emoji-picker">
        <input
          type="search"
          aria-label="Search emoji"
          placeholder="Search, such as “heart”"
          // On a phone its keyboard would cover the emoji.
          data-unfocused={pointers().isTouch}
          value={question.value}
          onInput={(event) => {
            question.value = event.currentTarget.value;
          }}
          onKeyDown={onKeyDown}
        />
        {all === undefined && !hasFailed.value && <p class="hint">Loading…</p>}
        {hasFailed.value && (
          <p class="message-bar" role="alert">
            The emoji could not be loaded.
            <button type="button" onClick={load}>
              Try again
            </button>
          </p>
        )}
        {matches === undefined && all !== undefined && <Groups groups={all} />}
        <p role="status" class={matches === undefined ? "visually-hidden" : "hint"}>
          {matches !== undefined &&
            (matches.length > 0 ? `${matches.length.toLocaleString()} found` : "No emoji found")}
        </p>
        {shown !== undefined && <Grid groups={shown} chosen={chosen} onChoose={onChoose} />}
      </div>
    </Dialog>
  );
}

/** Leads to the groups. */
const Groups = ({ groups }: { groups: readonly EmojiGroup[] }): VNode => (
  <div class="emoji-groups" role="toolbar" aria-label="Groups">
    {groups.map(({ name, emojis }) => (
      <button
        key={name}
        type="button"
        aria-label={name}
        title={name}
        onClick={({ currentTarget }) => {
          const heading = [...(currentTarget.closest(".emoji-picker")?.querySelectorAll("h3") ?? [])].find(
            ({ textContent }) => textContent === name,
          );
          heading?.scrollIntoView();
        }}
      >
        {emojis[0]?.emoji}
      </button>
    ))}
  </div>
);

interface GridProps {
  readonly groups: readonly EmojiGroup[];
  readonly chosen: string | undefined;
  onChoose(emoji: string): void;
}

/** One stop for the Tab key. The arrows go from one emoji to the next. */
function Grid({ groups, chosen, onChoose }: GridProps): VNode {
  const frame = useRef<HTMLDivElement>(null);
  // What the arrows have reached stays the stop until others are shown.
  useEffect(() => {
    setStop(frame.current, undefined);
    frame.current?.scrollTo(0, 0);
  }, [groups]);
  const onKeyDown = (event: TargetedKeyboardEvent<HTMLElement>) => {
    const next = nextFor(event.key, event.currentTarget, event.target);
    if (next === undefined) return;
    event.preventDefault();
    setStop(frame.current, next);
    next.focus();
  };
  const onClick = ({ target }: TargetedEvent<HTMLElement>) => {
    const button = target instanceof Element ? target.closest<HTMLElement>("[data-emoji]") : null;
    if (button?.dataset["emoji"] === undefined) return;
    onChoose(button.dataset["emoji"]);
    button.closest("dialog")?.close();
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the buttons in it are what is pressed
    <div ref={frame} class="emoji-frame" onKeyDown={onKeyDown} onClick={onClick}>
      {groups.map(({ name, emojis }) => (
        <section key={name} aria-label={name}>
          <h3>{name}</h3>
          <div class="emoji-grid">
            {emojis.map((one) => (
              <Choice key={one.emoji} one={one} isChosen={one.emoji === chosen} />
            ))}
          </div>
        </section>
      ))}
    </div>
  );
}

const Choice = ({ one: { emoji, name }, isChosen }: { one: Emoji; isChosen: boolean }): VNode => (
  <button type="button" tabIndex={-1} data-emoji={emoji} aria-label={name} title={name} aria-pressed={isChosen}>
    {emoji}
  </button>
);

/** Makes a choice the stop of the Tab key. Undefined: the first one. */
function setStop(frame: Element | null, next: HTMLElement | undefined): void {
  if (frame === null) return;
  for (const before of frame.querySelectorAll<HTMLElement>('[data-emoji][tabindex="0"]')) before.tabIndex = -1;
  const stop = next ?? frame.querySelector<HTMLElement>("[data-emoji]");
  if (stop !== null) stop.tabIndex = 0;
}

function nextFor(key: string, frame: Element, target: EventTarget | null): HTMLElement | undefined {
  const choices = [...frame.querySelectorAll<HTMLElement>("[data-emoji]")];
  const here = choices.find((choice) => choice === target);
  if (here === undefined) return undefined;
  const index = choices.indexOf(here);
  switch (key) {
    case "ArrowRight":
      return choices[index + 1];
    case "ArrowLeft":
      return choices[index - 1];
    case "ArrowDown":
      return inNextRow(choices.slice(index + 1), here);
    case "ArrowUp":
      return inNextRow(choices.slice(0, index).reverse(), here);
    case "Home":
      return choices[0];
    case "End":
      return choices.at(-1);
    default:
      return undefined;
  }
}

/** The one in the next row that is nearest, among those that come next. What is out of sight is not asked for its place. */
function inNextRow(choices: readonly HTMLElement[], here: HTMLElement): HTMLElement | undefined {
  const { left, top } = here.getBoundingClientRect();
  const start = choices.findIndex((choice) => choice.getBoundingClientRect().top !== top);
  let nearest: { readonly choice: HTMLElement; readonly distance: number } | undefined;
  const rowTop = choices[start]?.getBoundingClientRect().top;
  for (const choice of start < 0 ? [] : choices.slice(start)) {
    const place = choice.getBoundingClientRect();
    if (place.top !== rowTop) break;
    const distance = Math.abs(place.left - left);
    if (nearest === undefined || distance < nearest.distance) nearest = { choice, distance };
  }
  return nearest?.choice;
}
