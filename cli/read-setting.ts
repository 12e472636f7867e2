import { type Message, ownChangesIn, ownValuesIn } from "../lib/client/index.ts";
import { asObject, asText } from "../lib/contract/json.ts";

/** The user's setting "Read receipts", as one of the user's devices has told it. */
export interface ReadSetting {
  /** Nobody is told what the user has read. */
  readonly hides: boolean;
  /** The message that first said so. Of two, the one with the greater id holds. */
  readonly messageId: string;
}

/** What a message says about the setting. Undefined: nothing, as all messages of others. */
export function readSettingIn(message: Message, ownId: string): ReadSetting | undefined {
  if (message.type !== "own" || message.senderId !== ownId) return undefined;
  const change = ownChangesIn(message)[ownId] ?? {};
  const { value, messageId } = ownValuesIn(change, message.messageId).get("hidesRead") ?? {};
  return typeof value === "boolean" && messageId !== undefined ? { hides: value, messageId } : undefined;
}

/** The setting that holds of those that are known. */
export const latestOf = (settings: readonly (ReadSetting | undefined)[]): ReadSetting | undefined =>
  settings
    .filter((setting) => setting !== undefined)
    .reduce<ReadSetting | undefined>(
      (latest, setting) => (latest !== undefined && latest.messageId >= setting.messageId ? latest : setting),
      undefined,
    );

/** The setting in a saved state. */
export function savedReadSetting(value: unknown): ReadSetting | undefined {
  const { hides, messageId } = asObject(value);
  const id = asText(messageId);
  return typeof hides === "boolean" && id !== undefined ? { hides, messageId: id } : undefined;
}
