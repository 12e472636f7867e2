import type { VNode } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { FileIcon } from "./icons.tsx";
import { chosen } from "./opening.ts";

const hasFiles = (data: DataTransfer | null): data is DataTransfer => data?.types.includes("Files") === true;

/** What is copied from a document has a picture of it, too: there the text is meant. */
const isText = (data: DataTransfer): boolean => data.types.includes("text/html") && data.types.includes("text/plain");

const choose = (files: FileList | null | undefined): void => {
  if (files?.length) chosen.value = [...files];
};

/** The button that chooses files. They can also be pasted into the conversation, or dropped on it. */
export function Attach(): VNode {
  const button = useRef<HTMLButtonElement>(null);
  const input = useRef<HTMLInputElement>(null);
  // When the button can be seen, files can be dropped.
  useLayoutEffect(() => {
    const pane = button.current?.closest<HTMLElement>(".pane");
    return pane ? acceptFiles(pane) : undefined;
  }, []);
  return (
    <>
      <button
        ref={button}
        type="button"
        class="round attach"
        aria-label="Attach"
        title="Attach files"
        onClick={() => input.current?.click()}
      >
        <FileIcon name="attach" />
      </button>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        aria-label="Files"
        onChange={({ currentTarget }) => {
          choose(currentTarget.files);
          // The same file can be chosen again.
          currentTarget.value = "";
        }}
      />
    </>
  );
}

/** Takes files that are pasted into a conversation or dropped on it. @returns a function that ends this */
function acceptFiles(pane: HTMLElement): () => void {
  const life = new AbortController();
  const { signal } = life;
  /** How many elements under the pointer it has entered: it enters the inner one before it leaves the outer one. */
  let depth = 0;
  const mark = (now: number) => {
    depth = Math.max(0, now);
    pane.toggleAttribute("data-dropping", depth > 0);
  };
  const isOpen = () => document.querySelector("dialog[open]") !== null;
  pane.addEventListener(
    "paste",
    (event) => {
      const data = event.clipboardData;
      if (data === null || data.files.length === 0 || isText(data) || isOpen()) return;
      event.preventDefault();
      choose(data.files);
    },
    { signal },
  );
  pane.addEventListener("dragenter", ({ dataTransfer }) => hasFiles(dataTransfer) && !isOpen() && mark(depth + 1), {
    signal,
  });
  pane.addEventListener("dragleave", ({ dataTransfer }) => hasFiles(dataTransfer) && mark(depth - 1), { signal });
  pane.addEventListener(
    "drop",
    ({ dataTransfer }) => {
      mark(0);
      if (hasFiles(dataTransfer) && !isOpen()) choose(dataTransfer.files);
    },
    { signal },
  );
  // A file that misses the conversation would replace the page.
  for (const type of ["dragover", "drop"] as const)
    addEventListener(type, (event) => hasFiles(event.dataTransfer) && event.preventDefault(), { signal });
  return () => {
    mark(0);
    life.abort();
  };
}
