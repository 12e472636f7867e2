import type { Locator } from "playwright-core";
import type { Client } from "../../../lib/client/index.ts";
import type { KnownGroup } from "../../../static/src/storage/records.ts";
import { ownSession } from "../../support/page/outbox.ts";
import type { Visitor } from "../../support/page/visitor.ts";

export const dialogOf = ({ page }: Visitor, name: string): Locator => page.getByRole("dialog", { name });

/** Makes a group on the page, and opens it. */
export async function makeGroup(visitor: Visitor, name: string, usernames: readonly string[]): Promise<void> {
  await visitor.button("New group").click();
  const dialog = dialogOf(visitor, "New group");
  await dialog.getByLabel("Name of the group").fill(name);
  for (const username of usernames) await addMember(dialog, username);
  await dialog.getByRole("button", { name: "Make the group" }).click();
  await visitor.page.getByRole("heading", { name, exact: true }).waitFor();
  await visitor.log.getByText(`You made the group “${name}”`).waitFor();
}

/** Adds somebody in an open dialog, and waits until they are in its list. */
export async function addMember(dialog: Locator, username: string): Promise<void> {
  await dialog.getByLabel("Add a member").fill(username);
  await dialog.getByLabel("Add a member").press("Enter");
  await membersIn(dialog).filter({ hasText: username }).waitFor();
}

export const membersIn = (dialog: Locator): Locator =>
  dialog.getByRole("list", { name: "Members" }).getByRole("listitem");

/** Opens what is known of the open group. */
export async function openInfo(visitor: Visitor): Promise<Locator> {
  await visitor.button("Conversation menu").click();
  await visitor.button("Group info").click();
  const dialog = dialogOf(visitor, "Group info");
  await membersIn(dialog).first().waitFor();
  return dialog;
}

/** The id of the only group that a user is in. */
export async function onlyGroup(client: Client): Promise<string> {
  const [group, ...others] = await client.groups();
  if (group === undefined || others.length > 0) throw new Error("The user is not in one group.");
  return group.groupId;
}

export const idOf = ({ session }: Client): string => session?.id ?? "";
export const nameOf = ({ session }: Client): string => session?.username ?? "";

/** Changes what a page has stored of a group, as if it had missed what came since. */
export async function changeKnown(visitor: Visitor, changes: Partial<KnownGroup>): Promise<void> {
  const { id } = await ownSession(visitor);
  await visitor.page.evaluate(
    async ([userId, changed]) => {
      const done = <R>(request: IDBRequest<R>) =>
        new Promise<R>((resolve) => {
          request.onsuccess = () => resolve(request.result);
        });
      const database = await done(indexedDB.open(`gotalk-${userId}`));
      const store = database.transaction("state", "readwrite").objectStore("state");
      const range = IDBKeyRange.bound("group/", "group0");
      const [[key], [known]] = await Promise.all([done(store.getAllKeys(range)), done(store.getAll(range))]);
      await done(store.put({ ...known, ...changed }, key));
      database.close();
    },
    [id, changes] as const,
  );
}
