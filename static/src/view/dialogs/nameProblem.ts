import { GROUP } from "../../../../lib/contract/limits.ts";
import { isBlank } from "../../../../lib/contract/visible.ts";

/** Why a group cannot have this name. */
export function nameProblem(name: string): string | undefined {
  if (isBlank(name)) return "Give the group a name.";
  const { length } = [...name.trim()];
  if (length <= GROUP.nameCharacters) return undefined;
  return `A name has at most ${GROUP.nameCharacters} characters, and this one has ${length}.`;
}
