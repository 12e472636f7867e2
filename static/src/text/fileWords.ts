import { isVoiceMessage } from "../../../lib/client/index.ts";
import { asObject, asText, parseJson } from "../../../lib/contract/json.ts";

const WORDS: Readonly<Record<string, string>> = { image: "Picture", video: "Video", audio: "Sound" };

/** The content of a message with a file, in words. What kind of file it is, is the sender's word. */
export function fileWords(content: string): string {
  const fields = asObject(parseJson(content));
  if (isVoiceMessage(fields)) return "Voice message";
  // A stranger may have written anything there, also what cannot be made a text.
  const [kind = "", name = "file"] = [asText(fields["mediaType"]), asText(fields["name"])];
  return WORDS[kind.slice(0, 5)] ?? `File: ${name}`;
}
