/** Characters of a path that are something else in a URL: Vite, which loads the tests, does not find files in such a folder. */
const MISTAKEN = /[%#?]/;

/** @throws {Error} The tests cannot run where they are. */
export function checkFolder(path: string): void {
  const [character] = MISTAKEN.exec(path) ?? [];
  if (character === undefined) return;
  throw new Error(`The tests cannot run in ${path}: Vite takes no folder with a ${character} in its name. Rename it.`);
}
