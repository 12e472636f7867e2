import type { ComponentType, VNode } from "preact";
import { LoadedDialog } from "./Lazy.tsx";

type Module = typeof import("./dialogs/account.ts");

const load = (): Promise<Module> => import("./dialogs/account.ts");

interface DialogProps {
  onClose(): void;
}

interface AccountDialogProps extends DialogProps {
  readonly title: string;
  /** Takes the dialog out of those of the account, which are loaded together. */
  pick(module: Module): ComponentType<DialogProps>;
}

/** A dialog of the account's menu. */
export const AccountDialog = ({ title, pick, onClose }: AccountDialogProps): VNode => (
  <LoadedDialog title={title} load={load} pick={pick} props={{ onClose }} />
);
