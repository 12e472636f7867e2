import type { OutgoingFile, UploadOptions } from "./file-options.ts";
import { uploadFile } from "./file-upload.ts";
import type { Sent } from "./model.ts";
import type { OwnCalls } from "./own-calls.ts";
import type { Sending } from "./sending.ts";

export { fetchFile } from "./file-download.ts";
export { uploadFile };

/** See `Files.sendFile`. */
export async function sendFile(own: OwnCalls, sender: Sending, outgoing: OutgoingFile): Promise<Sent> {
  const { file, name, mediaType, width, height, duration, waveform, preview, onProgress, ...message } = outgoing;
  const { signal, onRetry } = message;
  const details = { name, mediaType, width, height, duration, waveform, preview };
  const options: UploadOptions = { ...details, onProgress, ...(signal && { signal }), ...(onRetry && { onRetry }) };
  const content = await uploadFile(own, file, options);
  return sender.send({ ...message, type: "file", content: JSON.stringify(content) });
}
