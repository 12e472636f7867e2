/**
 * Bytes of a name in UTF-8. File systems take 255, some that encrypt take 143 for a name with wide letters in it. There is room
 * for a number behind it.
 */
const MOST_BYTES = 130;

/** Of an ending that is kept when a name is cut. */
const MOST_ENDING_BYTES = 20;

/** What a name may not hold on one system or another, and what would end in a shell's wildcard or an alternate stream. */
const FORBIDDEN = /[<>:"/\\|?*]/g;

/** Controls, characters that nobody sees, and those that turn the direction: a name must look like what it is. */
const UNSEEN = /[\p{Cf}\p{Co}]|(?!\s)\p{Cc}/gu;

/** A name that begins so is hidden, or is an option or a home folder to a command. */
const LEADING = /^[\s.~-]+/;

/** Windows drops these, so the file would have another name. */
const TRAILING = /[\s.]+$/;

/** Devices of Windows, whatever ending they have. @see https://learn.microsoft.com/windows/win32/fileio/naming-a-file */
const DEVICE = /^(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])\s*(\.|$)/i;

const NAMELESS = "file";

const bytesOf = (text: string): number => Buffer.byteLength(text);

/** The beginning of a text that has so many bytes at most, and ends between two characters as people see them. */
function cut(text: string, most: number): string {
  let kept = "";
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    if (bytesOf(kept) + bytesOf(segment) > most) break;
    kept += segment;
  }
  return kept;
}

/** Divides a name before its ending. A short name has none. */
function divided(name: string): [stem: string, ending: string] {
  const dot = name.lastIndexOf(".");
  const ending = dot > 0 ? name.slice(dot) : "";
  return bytesOf(ending) > MOST_ENDING_BYTES ? [name, ""] : [name.slice(0, name.length - ending.length), ending];
}

/**
 * A name for a file that somebody else has named. It is no path, on no system; it is not hidden, it is no device, and it shows
 * all of itself. Names that are equal but for their Unicode form are one.
 */
export function safeName(name: string): string {
  const last = name.toWellFormed().split(/[/\\]/).at(-1) ?? "";
  const visible = last.replace(UNSEEN, "").normalize("NFC").replace(/\s+/g, " ").replace(FORBIDDEN, "_");
  const bare = visible.replace(LEADING, "").replace(TRAILING, "");
  const [stem, ending] = divided(bare);
  const short = `${cut(stem, MOST_BYTES - bytesOf(ending)).replace(TRAILING, "")}${ending}`;
  const named = short.replace(LEADING, "").replace(TRAILING, "") || NAMELESS;
  return DEVICE.test(named) ? `_${named}` : named;
}

/** The name for the case that earlier ones are taken: `report (1).pdf`. 0: the name itself. */
export function numbered(name: string, number: number): string {
  if (number === 0) return name;
  const [stem, ending] = divided(name);
  return `${stem} (${number})${ending}`;
}
