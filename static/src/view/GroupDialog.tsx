import type { ComponentType, VNode } from "preact";
import { LazyDialog } from "./Lazy.tsx";

type Module = typeof import("./dialogs/groups.ts");

const load = (): Promise<Module> => import("./dialogs/groups.ts");

interface GroupDialogProps<Props> {
  readonly title: string;
  /** Takes the content out of the dialogs about groups, which are loaded together. */
  pick(module: Module): ComponentType<Props>;
  readonly props: Props;
  onClose(): void;
}

/** A dialog about groups. */
export const GroupDialog = <Props extends object>(props: GroupDialogProps<Props>): VNode => (
  <LazyDialog load={load} {...props} />
);
