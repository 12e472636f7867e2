import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { sizeText } from "../text/sizes.ts";
import type { FileProps } from "./fileProps.ts";
import { FileIcon } from "./icons.tsx";
import { save } from "./saving.ts";

/** `PDF` of `report.pdf`. */
const endingOf = (name: string): string => /\.([a-z0-9]{1,5})$/i.exec(name)?.[1]?.toUpperCase() ?? "File";

/** Any file: its name and size. A press fetches and saves it. It is never opened by the page. */
export function FileCard({ view, transfer, isUnshowable }: FileProps & { readonly isUnshowable: boolean }): VNode {
  const { file, held, blob, isSecret, fetch } = view;
  const { name, bytes } = file;
  /** The person has pressed: it is saved once it is here. */
  const isAsked = useRef(false);
  useEffect(() => {
    if (blob !== undefined && isAsked.current) {
      isAsked.current = false;
      save(blob, name);
    }
  }, [blob]);
  const press = () => {
    if (blob !== undefined) return save(blob, name);
    isAsked.current = true;
    fetch();
  };
  const about = `${endingOf(name)}, ${sizeText(bytes)}`;
  const isLost = held.state === "lost" && blob === undefined;
  return (
    <div class="file-card">
      <button type="button" class="file" disabled={isSecret || isLost} onClick={press}>
        <span class="file-icon">
          <FileIcon name={blob === undefined ? "file" : "save"} />
        </span>
        <span class="file-name">
          <span class="visually-hidden">Save </span>
          <bdi>{name}</bdi>
          <small>{about}</small>
        </span>
      </button>
      {transfer}
      {isSecret && <small class="why">Accept the request to save this.</small>}
      {isUnshowable && <small class="why">This browser cannot show it. You can save it.</small>}
      {!isSecret && held.problem !== undefined && blob === undefined && <small class="why">{held.problem}</small>}
    </div>
  );
}
