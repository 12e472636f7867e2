import { LinkifyIt, REBuilder } from "linkify-it";

/** A piece of a message: plain, or a link. */
export interface Piece {
  readonly text: string;
  readonly href?: string;
  /** The host that the link opens, if its text looks like another host. */
  readonly leadsTo?: string;
}

/**
 * Top-level domains that are hardly ever endings of files. `readme.md` and `main.rs` are domains, too, but not meant as
 * links.
 */
const WELL_KNOWN = /\.(com|edu|gov|info|net|org)(?=[/:?#]|$)/i;

class Rules extends REBuilder {
  /** Ends a link before characters that change the text direction: they could make it look like another link. */
  override get_text_separators(): RegExp {
    return /[><\uff5c\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]/;
  }

  /** Chinese and Japanese put no space before a link. */
  override get_schema_search(): RegExp {
    this.cache["schema_search"] ??= new RegExp(`(^|[^0-9a-z_])(${this.get_schema_names().source})`, "gi");
    return this.cache["schema_search"];
  }
}

const finder = new LinkifyIt({ rebuilder: new Rules(), fuzzyLink: true, urlAuth: true }).add("ftp:").add("//");

/** Splits a text. Web addresses and mail addresses become links. */
export function pieces(text: string): Piece[] {
  const result: Piece[] = [];
  let end = 0;
  for (const { schema, raw, index } of finder.match(text) ?? []) {
    const href = hrefOf(schema, raw);
    if (href === undefined) continue;
    if (index > end) result.push({ text: text.slice(end, index) });
    result.push({ text: raw, href, ...disguise(raw, href) });
    end = index + raw.length;
  }
  if (end < text.length) result.push({ text: text.slice(end) });
  return result;
}

function hrefOf(schema: string, raw: string): string | undefined {
  if (schema === "mailto:") return `mailto:${raw.replace(/^mailto:/i, "")}`;
  if (schema !== "") return URL.canParse(raw) ? raw : undefined;
  const isMeant = /^www\./i.test(raw) || WELL_KNOWN.test(raw);
  return isMeant && URL.canParse(`https://${raw}`) ? `https://${raw}` : undefined;
}

/** `https://google.com@evil.example/` opens `evil.example`, and Cyrillic letters look like Latin ones. */
function disguise(raw: string, href: string): Pick<Piece, "leadsTo"> {
  const { protocol, host } = new URL(href);
  const shown = raw.replace(/^https?:\/\//i, "").toLowerCase();
  // Compares the whole host, not its beginning: `google.com@google.co` opens `google.co`.
  const isShown = shown.startsWith(host) && !/^[^/?#:\\]/.test(shown.slice(host.length));
  return protocol === "mailto:" || isShown ? {} : { leadsTo: host };
}
