import type { VNode } from "preact";
import { useEffect } from "preact/hooks";
import type { Timeline } from "../chat/timeline.ts";
import { focusAnew } from "../view/focus.ts";
import { chosen, viewed } from "./opening.ts";
import { SendDialog } from "./SendDialog.tsx";
import { Viewer } from "./Viewer.tsx";

/** What is open about files of a conversation: those to be sent, or a picture. It stands outside of the log. */
export function FileDialogs({ timeline, name }: { timeline: Timeline; name: string }): VNode {
  useEffect(
    () => () => {
      chosen.value = undefined;
      viewed.value = undefined;
    },
    [],
  );
  const onClose = () => {
    chosen.value = undefined;
    focusAnew("");
  };
  return (
    <>
      <p class="drop-here" aria-hidden="true">
        Drop to send to {name}
      </p>
      {chosen.value !== undefined && <SendDialog files={chosen.value} {...{ timeline, name, onClose }} />}
      {viewed.value !== undefined && <Viewer timeline={timeline} />}
    </>
  );
}
