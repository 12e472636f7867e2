import { basename, win32 } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { numbered, safeName } from "../../cli/safe-name.ts";

/** Names that somebody may give a file, and the name that it is saved under. */
const HOSTILE: readonly [what: string, name: string, safe: string][] = [
  ["a plain name", "report.pdf", "report.pdf"],
  [
    "a name with spaces and letters of all kinds",
    "Jahresbericht für Müller 報告.pdf",
    "Jahresbericht für Müller 報告.pdf",
  ],
  ["a path upwards", "../../etc/passwd", "passwd"],
  ["a path upwards of Windows", "..\\..\\boot.ini", "boot.ini"],
  ["an absolute path", "/etc/passwd", "passwd"],
  ["an absolute path of Windows", "C:\\Windows\\win.ini", "win.ini"],
  ["a drive's letter", "C:evil.exe", "C_evil.exe"],
  ["a network path", "\\\\server\\share\\x.txt", "x.txt"],
  ["an alternate stream", "a.txt:evil.exe:$DATA", "a.txt_evil.exe_$DATA"],
  ["a path that ends with a slash", "folder/", "file"],
  ["this folder", ".", "file"],
  ["the folder above", "..", "file"],
  ["nothing", "", "file"],
  ["spaces alone", " \t\n\u00a0\u3000", "file"],
  ["dots and spaces alone", ". . .", "file"],
  ["NUL", "a\0.txt", "a.txt"],
  ["NUL before another ending", "a.txt\0.exe", "a.txt.exe"],
  ["control characters", "a\u001b[31m\u0007\u009bb.txt", "a[31mb.txt"],
  ["lines", "a\nb\r\nc.txt", "a b c.txt"],
  ["line separators of Unicode", "a\u2028b\u2029c.txt", "a b c.txt"],
  ["a text that turns round", "report\u202efdp.exe", "reportfdp.exe"],
  ["isolates of direction", "a\u2066b\u2069\u200e\u200f\u061cc.txt", "abc.txt"],
  ["characters that nobody sees", "re\u200bpo\u200drt\ufeff\u00ad.pdf", "report.pdf"],
  ["tags that nobody sees", "a\u{e0061}\u{e007f}.txt", "a.txt"],
  ["characters of private use", "a\ue000.txt", "a.txt"],
  ["half of a character", "a\ud800.txt", "a\ufffd.txt"],
  ["a hidden file", ".bashrc", "bashrc"],
  ["a hidden file behind a space", " .ssh", "ssh"],
  ["an option", "-rf", "rf"],
  ["a long option", "--reference=x", "reference=x"],
  ["somebody's home", "~root", "root"],
  ["wildcards and quotes", `a*b?c"d<e>f|g.txt`, "a_b_c_d_e_f_g.txt"],
  ["dots at the end", "a.txt...", "a.txt"],
  ["spaces at the end", "a.txt   ", "a.txt"],
  ["spaces before another ending", `a.pdf${" ".repeat(200)}.exe`, "a.pdf.exe"],
  ["a device of Windows", "CON", "_CON"],
  ["a device with an ending", "nul.txt", "_nul.txt"],
  ["a device with two endings", "Com1.tar.gz", "_Com1.tar.gz"],
  ["a device with a space before its ending", "LPT9 .tar.gz", "_LPT9 .tar.gz"],
  ["a device with a raised number", "com².txt", "_com².txt"],
  ["a device behind what is dropped", " .AUX", "_AUX"],
  ["what only begins like a device", "console.log", "console.log"],
  ["letters in parts", "e\u0301.txt", "\u00e9.txt"],
  ["letters in parts with something unseen between them", "e\u200b\u0301.txt", "\u00e9.txt"],
  ["the same letter in one", "\u00e9.txt", "\u00e9.txt"],
  ["a name that is too long", `${"a".repeat(300)}.pdf`, `${"a".repeat(126)}.pdf`],
  ["a long name of wide letters, not cut within one", `${"報".repeat(100)}.pdf`, `${"報".repeat(42)}.pdf`],
  ["a long name with a family in it, not cut within it", `${"a".repeat(128)}👍🏽b`, `${"a".repeat(128)}`],
  ["an ending that is too long", `a.${"b".repeat(300)}`, `a.${"b".repeat(128)}`],
  ["a long name that is cut at a space", `${"a".repeat(120)}${" .".repeat(10)}.pdf`, `${"a".repeat(120)}.pdf`],
];

describe("the name under which a file of somebody else is saved", () => {
  it.each(HOSTILE)("is safe for %s", (_, name, safe) => {
    expect(safeName(name)).toBe(safe);
  });

  const NAMES = fc.oneof(
    fc.string({ unit: "binary", maxLength: 300 }),
    fc.string({ unit: fc.constantFrom(..."./\\:*-~ \0\n\u202e\u200bCONaux1é報"), maxLength: 60 }),
  );

  it("is one name of a folder, on all systems, whatever it was", () => {
    fc.assert(
      fc.property(NAMES, (name) => {
        const safe = safeName(name);
        expect(basename(safe)).toBe(safe);
        expect(win32.basename(safe)).toBe(safe);
        expect(safe).toMatch(/^[^.\s~-]/);
        expect(safe).toMatch(/[^.\s]$/);
        expect(safe).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}<>:"/\\|?*]/u);
        expect(safe).not.toMatch(/^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i);
        expect(Buffer.byteLength(safe)).toBeLessThanOrEqual(131);
        expect(safe.normalize("NFC")).toBe(safe);
      }),
    );
  });

  it("is left as it is when it is safe", () => {
    fc.assert(
      fc.property(NAMES, (name) => {
        expect(safeName(safeName(name))).toBe(safeName(name));
      }),
    );
  });
});

describe("the name of a further file", () => {
  it.each([
    ["report.pdf", 0, "report.pdf"],
    ["report.pdf", 1, "report (1).pdf"],
    ["report.pdf", 12, "report (12).pdf"],
    ["README", 1, "README (1)"],
    ["a.tar.gz", 2, "a.tar (2).gz"],
  ])("of %s, number %i, is %s", (name, number, expected) => {
    expect(numbered(name, number)).toBe(expected);
  });
});
