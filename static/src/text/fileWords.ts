import { asObject, parseJson } from "../../../lib/contract/json.ts";

const WORDS: Readonly<Record<string, string>> = { image: "Picture", video: "Video", audio: "Sound" };

/** The content of a message with a file, in words. What kind of file it is, is the sender's word. */
export function fileWords(content: string): string {
  const { mediaType, name } = asObject(parseJson(content));
  return WORDS[String(mediaType).slice(0, 5)] ?? `File: ${name}`;
}
