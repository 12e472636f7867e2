import { describe, expect, it } from "vitest";
import { EXIT } from "../../cli/exit-codes.ts";
import { inviteLink, readInvite } from "../../cli/invite-link.ts";

const URL = "https://chat.example.com/talk";
const CODE = "g-0123456789abcdefghijkl.secret";

describe("what somebody was invited with", () => {
  it.each([
    ["a code", CODE],
    ["a code with spaces around it", ` ${CODE}\n`],
    ["the page's link", inviteLink(URL, CODE, "Tea & Co")],
    ["a link without the name of the group", `${URL}/#join=${CODE}`],
    ["a link in capital letters", inviteLink(URL, CODE, "Tea").replace("https", "HTTPS")],
  ])("may be %s", (_, text) => {
    expect(readInvite(text, URL)).toBe(CODE);
  });

  it("is a link only if it begins as one, and otherwise a code that the server refuses", () => {
    expect(readInvite(`see https://elsewhere.example/#join=${CODE}`, URL)).toBe(
      `see https://elsewhere.example/#join=${CODE}`,
    );
    expect(readInvite("https", URL)).toBe("https");
  });

  it.each([
    "https://chat.example.com/talk",
    "https://chat.example.com/talk#name=Tea",
    "https://chat.example.com/talk#join=",
    "https://",
    "http://",
  ])("is no use without a code: %s", (text) => {
    expect(() => readInvite(text, URL)).toThrow(
      expect.objectContaining({
        exitCode: EXIT.usage,
        message: `"${text}" invites to no group. Such a link has #join= and a code.`,
      }),
    );
  });

  it("is no use at another server, and gives no reason to log in there", () => {
    const link = inviteLink("http://chat.example.com", CODE, "Tea");
    expect(() => readInvite(link, URL)).toThrow(
      expect.objectContaining({
        exitCode: EXIT.noPermission,
        message: `The link leads to a group at http://chat.example.com, and you are logged in at ${URL}. It does not work here.`,
      }),
    );
  });
});
