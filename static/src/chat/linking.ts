import { computed, signal } from "@preact/signals";
import type { Piece } from "../text/links.ts";
import { loadPart } from "./loading.ts";

type Finder = (text: string) => readonly Piece[];

/** What each link has: two slashes, a scheme, the sign of a mail address, or a point within a word. */
const LIKE_A_LINK = /\/\/|mailto:|@|\.\S/i;

/** Milliseconds that notifications wait for what finds links. */
const PATIENCE = 1_000;

const load = () => import("../text/links.ts");
const finder = signal<Finder | undefined>(undefined);
/** Whether links are found, and texts are drawn with them. */
export const areLinksFound = computed(() => finder.value !== undefined);

let loading: Promise<void> | undefined;

/** Whether a text may have a link. */
const mayHaveLink = (text: string): boolean => LIKE_A_LINK.test(text);

/** Loads what finds links, if it is not there. After a failure, which is no error here, texts have no links. */
function loadLinks(): Promise<void> {
  loading ??= attempt();
  return loading;
}

async function attempt(): Promise<void> {
  try {
    const { pieces } = await loadPart(load);
    finder.value = pieces;
  } catch {
    // The next text with a link tries again.
    loading = undefined;
  }
}

/** Waits until the links of these texts can be found, but not for long. @returns undefined if there is nothing to wait for */
export function linksOf(texts: readonly string[]): Promise<void> | undefined {
  if (finder.value !== undefined || !texts.some(mayHaveLink)) return undefined;
  const patience = new Promise<void>((resolve) => setTimeout(resolve, PATIENCE));
  return Promise.race([loadLinks(), patience]);
}

/**
 * Splits a text, as `pieces` does. What finds the links is loaded with the first text that may have one. Until it is there the text has
 * none; what is drawn of it follows by itself, in the same place.
 */
export function piecesOf(text: string): readonly Piece[] {
  if (!mayHaveLink(text)) return [{ text }];
  if (finder.value === undefined) void loadLinks();
  return finder.value?.(text) ?? [{ text }];
}
