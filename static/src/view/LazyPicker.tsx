import type { VNode } from "preact";
import type { EmojiPicker } from "../emoji/EmojiPicker.tsx";
import { LoadedDialog } from "./Lazy.tsx";

const load = () => import("../emoji/EmojiPicker.tsx");

/** The picker, which is loaded when it is opened. */
export const LazyPicker = (props: Parameters<typeof EmojiPicker>[0]): VNode => (
  <LoadedDialog title="Choose a reaction" load={load} pick={(module) => module.EmojiPicker} props={props} />
);
