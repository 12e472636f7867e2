import type { VNode } from "preact";
import type { FileProps } from "./fileProps.ts";
import { FileIcon } from "./icons.tsx";

/** Why a file is not shown, or a button that loads it. */
export function Waiting({ view, what }: { view: FileProps["view"]; what: string }): VNode | null {
  const { held, isSecret, fetch } = view;
  if (isSecret) return <span class="waiting">Accept the request to load this.</span>;
  if (held.state === "lost") return <span class="waiting">{held.problem}</span>;
  if (held.state === "absent" || held.state === "failed")
    return (
      <span class="waiting">
        {held.problem !== undefined && <span>{held.problem}</span>}
        <button type="button" onClick={fetch}>
          <FileIcon name="save" />
          {held.problem === undefined ? what : "Try again"}
        </button>
      </span>
    );
  return null;
}
