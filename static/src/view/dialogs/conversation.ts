/** The dialogs about a conversation and its messages: they are loaded together, when the first of them is opened. */
export { BlockDialog } from "./BlockDialog.tsx";
export { DeleteConversationDialog } from "./DeleteConversationDialog.tsx";
export { DeleteMessageDialog } from "./DeleteMessageDialog.tsx";
export { DetailsDialog } from "./DetailsDialog.tsx";
