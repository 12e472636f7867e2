/** What sends and shows files: it is loaded when a conversation is opened, or when the outbox has a file. */
export { Attach } from "./Attach.tsx";
export { FileBody } from "./FileBody.tsx";
export { FileDialogs } from "./FileDialogs.tsx";
export { KeptFiles } from "./KeptFiles.tsx";
export { uploadAll } from "./uploads.ts";
export { Voice } from "./voice/Voice.tsx";
