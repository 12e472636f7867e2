import { vi } from "vitest";

/** The `localStorage` of a browser, in the test's hand. */
export interface LocalStorage {
  /** What is stored. */
  readonly entries: Map<string, string>;
  /** Whether the browser refuses every access, as some do for sites whose cookies are blocked. */
  isBlocked: boolean;
}

/** Puts a `localStorage` into Node. Call `vi.unstubAllGlobals` after it. */
export function stubLocalStorage(entries: Readonly<Record<string, string>> = {}): LocalStorage {
  const stored: LocalStorage = { entries: new Map(Object.entries(entries)), isBlocked: false };
  const open = (): Map<string, string> => {
    if (stored.isBlocked) throw new DOMException("Access is denied for this document.", "SecurityError");
    return stored.entries;
  };
  vi.stubGlobal("localStorage", {
    getItem: (key: string) => open().get(key) ?? null,
    setItem: (key: string, value: string) => void open().set(key, value),
    removeItem: (key: string) => void open().delete(key),
  });
  return stored;
}
