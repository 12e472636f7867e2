import type { Locator } from "playwright-core";
import type { Visitor } from "../../support/page/visitor.ts";

/** A file as Playwright takes it. */
export interface ChosenFile {
  readonly name: string;
  readonly mimeType: string;
  readonly buffer: Buffer;
}

/** The dialog that shows what is to be sent. */
export const sending = ({ page }: Visitor): Locator => page.getByRole("dialog", { name: /^Send \d+ files? to / });

/** Chooses files, as the button Attach does. */
export async function attach(visitor: Visitor, ...files: ChosenFile[]): Promise<void> {
  await visitor.button("Attach").waitFor();
  await visitor.page.getByLabel("Files", { exact: true }).setInputFiles(files);
  await sending(visitor).waitFor();
}

/** Chooses files and sends them. */
export async function sendFiles(visitor: Visitor, ...files: ChosenFile[]): Promise<void> {
  await attach(visitor, ...files);
  await sending(visitor).getByRole("button", { name: "Send" }).click();
  await sending(visitor).waitFor({ state: "detached" });
}

/** Hands files to the conversation by an event, `paste` or `drop`, as the browser does. */
export const hand = ({ page }: Visitor, type: "paste" | "drop", ...files: ChosenFile[]): Promise<unknown> =>
  page.getByRole("textbox", { name: "Message", exact: true }).evaluate(
    (box, [kind, given]) => {
      const data = new DataTransfer();
      for (const { name, mimeType, text } of given)
        data.items.add(
          new File([Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))], name, { type: mimeType }),
        );
      const how = { bubbles: true, cancelable: true };
      const [entered, event] =
        kind === "paste"
          ? [undefined, new ClipboardEvent(kind, { ...how, clipboardData: data })]
          : [
              new DragEvent("dragenter", { ...how, dataTransfer: data }),
              new DragEvent(kind, { ...how, dataTransfer: data }),
            ];
      if (entered) box.dispatchEvent(entered);
      return box.dispatchEvent(event);
    },
    [type, files.map(({ name, mimeType, buffer }) => ({ name, mimeType, text: buffer.toString("base64") }))] as const,
  );

/** How many records a store of the page's database has. */
export const countIn = async ({ page }: Visitor, store: string): Promise<number> =>
  page.evaluate(async (name) => {
    const { id } = JSON.parse(localStorage.getItem("gotalk.session.2") ?? "null") as { id: string };
    const done = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve) => {
        request.onsuccess = () => resolve(request.result);
      });
    const database = await done(indexedDB.open(`gotalk-${id}`));
    const count = await done(database.transaction(name).objectStore(name).count());
    database.close();
    return count;
  }, store);

/** How far the page is wider than the window, in pixels. */
export const overflow = ({ page }: Visitor): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - innerWidth);

/** A JPEG that the browser of a visitor makes. */
export const jpegOf = async ({ page }: Visitor, width: number, height: number): Promise<Buffer> => {
  const text = await page.evaluate(
    async ([wide, high]) => {
      const canvas = Object.assign(document.createElement("canvas"), { width: wide, height: high });
      const context = canvas.getContext("2d");
      if (context === null) throw new Error("There is no canvas.");
      context.fillStyle = "#37598f";
      context.fillRect(0, 0, wide / 2, high);
      return canvas.toDataURL("image/jpeg");
    },
    [width, height] as const,
  );
  return Buffer.from(text.slice(text.indexOf(",") + 1), "base64");
};
