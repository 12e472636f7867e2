import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const file = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), "utf8");

interface Override {
  readonly includes: readonly string[];
  readonly linter: { readonly rules: { readonly style?: { readonly noRestrictedImports?: Restriction } } };
}

interface Restriction {
  readonly options: { readonly patterns: readonly { readonly group: readonly string[] }[] };
}

/** What each room may import, by the linter's rules. */
function allowed(): Record<string, string[]> {
  const { overrides } = JSON.parse(file("biome.json")) as { overrides: readonly Override[] };
  return Object.fromEntries(
    overrides.flatMap(({ includes, linter }) => {
      const [, room] = /^lib\/(\w+)\/\*\*$/.exec(includes[0] ?? "") ?? [];
      const [pattern] = linter.rules.style?.noRestrictedImports?.options.patterns ?? [];
      if (room === undefined || pattern === undefined) return [];
      expect(pattern.group[0], room).toBe("../**");
      return [
        [
          room,
          pattern.group
            .slice(1)
            .map((one) => one.replace(/^!\.\.\/(\w+)\/\*\*$/, "$1"))
            .toSorted(),
        ],
      ];
    }),
  );
}

/** The rooms that each room leads to in the picture. */
function drawn(): Record<string, string[]> {
  const arrows = new Map<string, string[]>();
  for (const [, from = "", to = ""] of file("docs/architecture.md").matchAll(/^ {4}(\w+)(?:\[.*?\])? --> (\w+)$/gm)) {
    arrows.set(from, [...(arrows.get(from) ?? []), to]);
  }
  const below = (room: string): string[] => (arrows.get(room) ?? []).flatMap((one) => [one, ...below(one)]);
  return Object.fromEntries(rooms().map((room) => [room, [...new Set(below(room))].toSorted()]));
}

const rooms = (): string[] => readdirSync(new URL("../lib", import.meta.url)).toSorted();

describe("the rooms of lib", () => {
  it("may import what docs/architecture.md draws below them", () => {
    expect(allowed()).toEqual(drawn());
  });

  it("are each described in docs/architecture.md", () => {
    const described = [...file("docs/architecture.md").matchAll(/^\| `lib\/(\w+)\/` \|/gm)].map(([, room]) => room);
    expect(described.toSorted()).toEqual(rooms());
  });

  it("have the files that docs/architecture.md sends a reader to", () => {
    const named = [
      ...file("docs/architecture.md").matchAll(/`((?:lib|functions|static|cli|local|deploy|tests)\/[\w/.-]*)`/g),
    ];
    expect(named.length).toBeGreaterThan(30);
    const missing = named
      .map(([, path = ""]) => path)
      .filter((path) => !existsSync(new URL(`../${path}`, import.meta.url)));
    expect(missing).toEqual([]);
  });
});
