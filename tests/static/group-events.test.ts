import { expect, it } from "vitest";
import type { GroupEvent } from "../../lib/client/index.ts";
import { eventText } from "../../static/src/text/groupEvents.ts";

const ME = { id: "me", username: "me-then" };
const ANN = { id: "ann", username: "ann" };
const BOB = { id: "bob", username: "bob" };

const told = (event: Omit<GroupEvent, "version">, by = ANN, members = [] as { id: string; username: string }[]) =>
  eventText({ version: 1, ...event }, by, ME.id, members);

it.each([
  ["ann made the group “Tea”", told({ event: "created", name: "Tea" })],
  ["You made the group “Tea”", told({ event: "created", name: "Tea" }, ME)],
  ["ann added bob", told({ event: "added", member: BOB })],
  ["ann added you", told({ event: "added", member: ME })],
  ["ann added bob as an admin", told({ event: "added", member: BOB, admin: true })],
  ["bob joined by the invite link", told({ event: "joined", member: BOB }, BOB)],
  ["You joined by the invite link", told({ event: "joined", member: ME }, ME)],
  ["ann removed bob", told({ event: "removed", member: BOB })],
  ["ann removed you", told({ event: "removed", member: ME })],
  ["You removed bob", told({ event: "removed", member: BOB }, ME)],
  ["bob left", told({ event: "left", member: BOB }, BOB)],
  ["You left", told({ event: "left", member: ME }, ME)],
  ["ann left. You became an admin", told({ event: "left", member: ANN, newAdmin: ME })],
  ["ann left. bob became an admin", told({ event: "left", member: ANN, newAdmin: BOB })],
  ["ann renamed the group to “Coffee”", told({ event: "renamed", name: "Coffee", before: "Tea" })],
  ["ann made you an admin", told({ event: "admin", member: ME, admin: true })],
  ["ann made bob an admin", told({ event: "admin", member: BOB, admin: true })],
  ["ann removed bob’s admin rights", told({ event: "admin", member: BOB, admin: false })],
  ["ann removed your admin rights", told({ event: "admin", member: ME, admin: false })],
  ["ann gave up being an admin", told({ event: "admin", member: ANN, admin: false })],
  ["You gave up being an admin", told({ event: "admin", member: ME, admin: false }, ME)],
  ["ann changed the group. Update goTalk to see how", told({ event: "toString" })],
  ["ann added somebody", told({ event: "added" })],
  [
    "anna added robert",
    told({ event: "added", member: BOB }, ANN, [
      { ...ANN, username: "anna" },
      { ...BOB, username: "robert" },
    ]),
  ],
])("%s", (expected, text) => {
  expect(text).toBe(expected);
});
