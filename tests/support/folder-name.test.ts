import { expect, it } from "vitest";
import { checkFolder } from "./folder-name.ts";

it.each(["/home/alice/100% sure", "/home/alice/no #1", "/home/alice/why?"])(
  "the tests say that %s needs another name",
  (path) => {
    expect(() => checkFolder(`${path}/gotalk`)).toThrow(
      `The tests cannot run in ${path}/gotalk: Vite takes no folder with a `,
    );
  },
);

it.each(["/home/alice/gotalk", "/home/Ünï (it's)/go talk"])("the tests run in %s", (path) => {
  expect(() => checkFolder(path)).not.toThrow();
});
