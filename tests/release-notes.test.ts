import { describe, expect, it } from "vitest";
import { notesOf } from "../.ci/release-notes.ts";

const CHANGELOG = `# Changelog

## [Unreleased]

- not yet

## [1.2.0] - 2026-12-01

### Added

- something

## [1.1.0] - 2026-11-01
`;

describe("the notes of a release", () => {
  it("are what the changelog says of that version", () => {
    expect(notesOf("1.2.0", CHANGELOG)).toBe("### Added\n\n- something");
  });

  it.each(["1.1.0", "1.2", "2.0.0", ""])("are refused where it says nothing: %j", (version) => {
    expect(() => notesOf(version, CHANGELOG)).toThrow("CHANGELOG.md says nothing of");
  });
});
