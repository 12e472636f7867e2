import { expect } from "vitest";
import { eventually } from "../../support/eventually.ts";
import type { Key, Window } from "./engine.ts";

/** The key by which an answer names an element. @see https://www.w3.org/TR/webdriver2/#elements */
const ELEMENT = "element-6066-11e4-a52e-4f735466cecf";

/** @see https://www.w3.org/TR/webdriver2/#keyboard-actions */
const KEYS: Readonly<Record<Key, string>> = { Enter: "\ue007", Escape: "\ue00c", Tab: "\ue004" };

/** Notes from now on whether an element is clicked. Runs in the page. */
function awaitClick(element: Element): void {
  Reflect.set(globalThis, "wasClicked", false);
  element.addEventListener("click", () => Reflect.set(globalThis, "wasClicked", true), { capture: true, once: true });
}

/** A session with a WebDriver, which has one window. */
export interface WebDriverSession {
  readonly window: Window;
  end(): Promise<void>;
}

/** Begins a session. Of the protocol there is what {@link Window} needs: https://www.w3.org/TR/webdriver2/ */
export async function beginSession(url: string, capabilities: object): Promise<WebDriverSession> {
  const { sessionId } = await call<{ sessionId: string }>("POST", `${url}/session`, {
    capabilities: { alwaysMatch: capabilities },
  });
  const command = <T>(method: string, path: string, body?: object): Promise<T> =>
    call(method, `${url}/session/${sessionId}${path}`, body);
  const run = <T>(script: { toString(): string }, values: readonly unknown[]): Promise<T> =>
    command("POST", "/execute/sync", { script: `return (${script})(...arguments)`, args: values });
  const keys = async (text: string): Promise<void> => {
    const { [ELEMENT]: focused } = await command<Record<string, string>>("GET", "/element/active");
    await command("POST", `/element/${focused}/value`, { text });
  };
  const innerHeightOf = (): Promise<number> => run(() => innerHeight, []);
  return {
    window: {
      open: (address) => command("POST", "/url", { url: address }),
      async reload() {
        await command("POST", "/refresh", {});
        // WebKit may load the page in another process, and the window has another name then.
        const [handle] = await command<string[]>("GET", "/window/handles");
        await command("POST", "/window", { handle });
      },
      run: (script, ...values) => run(script, values),
      async click(find, ...values) {
        const element = await run<Record<string, string>>(find, values);
        // WebKit's driver does not scroll to what is in the window and cut off by what it scrolls in.
        await run((one: HTMLElement) => one.scrollIntoView({ block: "nearest" }), [element]);
        await run(awaitClick, [element]);
        const { [ELEMENT]: found } = element;
        await command("POST", `/element/${found}/click`, {});
        // A click goes to a place, and what was there may just have moved. Undefined: the click has brought another page.
        const wasHit = await run<boolean | undefined>(() => Reflect.get(globalThis, "wasClicked"), []);
        if (wasHit === false) throw new Error("The click has hit something else.");
      },
      type: keys,
      // Keys for an element would be taken for the path of a file if the element is a field for files.
      press: (key) =>
        command("POST", "/actions", {
          actions: [
            {
              type: "key",
              id: "keyboard",
              actions: [
                { type: "keyDown", value: KEYS[key] },
                { type: "keyUp", value: KEYS[key] },
              ],
            },
          ],
        }),
      async resize(width, height) {
        // The window has a bar of its own around the page.
        const { height: outer } = await command<{ height: number }>("GET", "/window/rect");
        const bar = outer - (await innerHeightOf());
        await command("POST", "/window/rect", { x: 0, y: 0, width, height: height + bar });
        // The page gets to know it a moment later.
        await eventually(async () => expect(await innerHeightOf()).toBe(height));
      },
      screenshot: async () => Buffer.from(await command<string>("GET", "/screenshot"), "base64"),
    },
    end: () => command("DELETE", ""),
  };
}

async function call<T>(method: string, url: string, body?: object): Promise<T> {
  const response = await fetch(url, { method, ...(body !== undefined && { body: JSON.stringify(body) }) });
  const { value } = (await response.json()) as { value: T & { error?: string; message?: string } };
  if (!response.ok) throw new Error(`WebDriver says ${value.error} to ${method} ${url}: ${value.message}`);
  return value;
}
