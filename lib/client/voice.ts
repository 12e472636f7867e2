import { asText } from "../contract/json.ts";
import type { FileDetails } from "./file-content.ts";

/**
 * Whether a file is a voice message: a sound with a waveform. To a client that does not ask, it is a sound as any other.
 *
 * @param file What its message says, also before anything of it is checked.
 */
export const isVoiceMessage = ({ mediaType, waveform }: { readonly [Name in keyof FileDetails]?: unknown }): boolean =>
  asText(mediaType)?.startsWith("audio/") === true && asText(waveform) !== undefined;
