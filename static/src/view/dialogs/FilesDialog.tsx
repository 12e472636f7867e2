import type { VNode } from "preact";
import { loadFiles } from "../../chat/fileParts.ts";
import { LoadedDialog } from "../Lazy.tsx";

/** How much room the files take that this device keeps. It is a part of what sends and shows files. */
export const FilesDialog = (props: { onClose(): void }): VNode => (
  <LoadedDialog title="Files on this device" load={loadFiles} pick={({ KeptFiles }) => KeptFiles} props={props} />
);
