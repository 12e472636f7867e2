import type { ComponentType, VNode } from "preact";
import { LoadedDialog } from "./Lazy.tsx";

type Module = typeof import("./dialogs/conversation.ts");

const load = (): Promise<Module> => import("./dialogs/conversation.ts");

interface ConversationDialogProps<Props> {
  readonly title: string;
  /** Takes the dialog out of those about a conversation, which are loaded together. */
  pick(module: Module): ComponentType<Props>;
  readonly props: Props;
}

/** A dialog about a conversation, or about a message of it. */
const ConversationDialog = <Props extends { onClose(): void }>(props: ConversationDialogProps<Props>): VNode => (
  <LoadedDialog load={load} {...props} />
);

type PropsOf<Name extends keyof Module> = Parameters<Module[Name]>[0];

/** Asks whether to block a person. */
export const BlockDialog = (props: PropsOf<"BlockDialog">): VNode => (
  <ConversationDialog title={`Block ${props.user.username}?`} pick={(module) => module.BlockDialog} props={props} />
);

/** Asks whether to delete a conversation on this device. */
export const DeleteConversationDialog = (props: PropsOf<"DeleteConversationDialog">): VNode => (
  <ConversationDialog
    title="Delete the conversation"
    pick={(module) => module.DeleteConversationDialog}
    props={props}
  />
);

/** Asks where to delete a message. */
export const DeleteMessageDialog = (props: PropsOf<"DeleteMessageDialog">): VNode => (
  <ConversationDialog title="Delete message" pick={(module) => module.DeleteMessageDialog} props={props} />
);

/** What is known of a message. */
export const DetailsDialog = (props: PropsOf<"DetailsDialog">): VNode => (
  <ConversationDialog title="Message details" pick={(module) => module.DetailsDialog} props={props} />
);
