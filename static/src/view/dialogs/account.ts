/** The dialogs of the account's menu, but for the one that erases: they are loaded together, when the first of them is opened. */
export { BlockedDialog } from "./BlockedDialog.tsx";
export { BringDialog } from "./BringDialog.tsx";
export { DeleteDialog } from "./DeleteDialog.tsx";
export { DevicesDialog } from "./DevicesDialog.tsx";
export { ExportDialog } from "./ExportDialog.tsx";
export { FilesDialog } from "./FilesDialog.tsx";
export { ImportDialog } from "./ImportDialog.tsx";
export { NotificationsDialog } from "./NotificationsDialog.tsx";
export { OfferDialog } from "./OfferDialog.tsx";
export { PasswordDialog } from "./PasswordDialog.tsx";
