import type { VNode } from "preact";

/**
 * Says that a draft is too long for the box, and gives all of it as a file. The stored draft stays until it is edited.
 */
export function LongDraft({ text }: { text: string }): VNode {
  const size = text.length.toLocaleString();
  const save = () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
    link.download = "draft.txt";
    link.click();
    // By then the download does not need it any more.
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  };
  return (
    <p class="message-bar calm">
      <span>This draft has {size} characters, which is too long for a message. Only its beginning is shown.</span>
      <button type="button" onClick={save}>
        Save the whole draft as a file
      </button>
    </p>
  );
}
