import type { Client } from "../../../lib/client/index.ts";
import type { Fixture } from "../../support/page/fixture.ts";
import type { Visitor } from "../../support/page/visitor.ts";
import { Mailbox } from "./told.ts";

/** Two who know each other, each on a page: each has written. */
export async function twoFriends({ visitor }: Pick<Fixture, "visitor">): Promise<[Visitor, Visitor]> {
  const [alice, bob] = await Promise.all([visitor("alice"), visitor("bob")]);
  await alice.talkTo(bob.username);
  await alice.sendForSure("Hello, Bob!");
  await bob.conversations.getByText("Hello, Bob!").click();
  await bob.sendForSure("Hello, Alice!");
  await alice.message("Hello, Alice!").waitFor();
  return [alice, bob];
}

/** Somebody whom a user of the page knows, and who has no page. */
export interface Friend {
  readonly client: Client;
  readonly mailbox: Mailbox;
  /** The id of the user of the page. */
  readonly to: string;
}

/** Somebody to whom a user of the page has written. */
export async function friendOf(alice: Visitor, { client }: Pick<Fixture, "client">, name = "bob"): Promise<Friend> {
  const friend = await client(name);
  await alice.talkTo(friend.session?.username ?? "");
  await alice.sendForSure(`Hello, ${name}!`);
  return { client: friend, mailbox: new Mailbox(friend), to: (await friend.find(alice.username)).id };
}

/** Sends a text as the page does. @returns its `messageId` */
export const write = async (from: Client, to: string, content: string): Promise<string> =>
  (await from.send({ to, type: "text", content })).messageId;

/** Opens another conversation: the one before is not on the screen any more. */
export const lookAway = (alice: Visitor): Promise<void> => alice.talkTo(alice.username);

/** Lets a page ask for nothing any more, until it is loaded anew, also what it would ask for as it is left. */
export const silence = ({ page }: Visitor): Promise<void> =>
  page.evaluate(() => {
    globalThis.fetch = () => Promise.reject(new TypeError("cut"));
  });
