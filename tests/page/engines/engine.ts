/** What can be handed to a page and comes back from it. */
type Plain = string | number | boolean | null | readonly Plain[] | { readonly [name: string]: Plain };

/** Runs in the page, so it can use nothing but its arguments. */
type Script<A extends readonly Plain[], R> = (...values: A) => R;

/** Keys that write nothing. */
export type Key = "Enter" | "Escape" | "Tab";

/** A window of a browser, with a storage of its own, as a person has it. */
export interface Window {
  open(url: string): Promise<void>;
  reload(): Promise<void>;
  run<A extends readonly Plain[], R extends Plain | undefined>(script: Script<A, R>, ...values: A): Promise<R>;
  /** Clicks as a mouse does on what a script finds. May fail where the click has hit something else, as what was found has moved. */
  click<A extends readonly Plain[]>(find: Script<A, Element>, ...values: A): Promise<void>;
  /** Writes as a keyboard does to what has the focus. */
  type(text: string): Promise<void>;
  press(key: Key): Promise<void>;
  /** In CSS pixels of the page. An engine may not go below a width of its own, which it tells. */
  resize(width: number, height: number): Promise<void>;
  /** A PNG of what is seen. */
  screenshot(): Promise<Uint8Array>;
}

/** A browser that runs. */
export interface Browser {
  newWindow(): Promise<Window>;
  /** Ends it with all of its windows. */
  stop(): Promise<void>;
}

/** A browser engine beside Chromium, which is the one of all other tests. */
export interface Engine {
  readonly name: string;
  /** What has to be installed; undefined when all of it is. */
  readonly missing: string | undefined;
  start(): Promise<Browser>;
}
