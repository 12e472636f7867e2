import { expect, it, onTestFinished, vi } from "vitest";
import { FileError, NetworkError, ProblemError } from "../../lib/client/index.ts";
import { NotTaken } from "../../static/src/history/bringing.ts";
import { HistoryTooLarge } from "../../static/src/history/offering.ts";
import {
  explainBring,
  explainBrought,
  explainOffer,
  explainOutage,
  explainOwner,
  isUseless,
  whyUnsafe,
} from "../../static/src/view/dialogs/explainMove.ts";

const problem = (status: number, code: string, retryAfter?: number) =>
  new ProblemError({ status, code, detail: "Detail.", ...(retryAfter !== undefined && { retryAfter }) });

it.each([
  ["a wrong code", new NotTaken("wrong code"), /^This code does not open .* Nothing has changed here\.$/, true],
  ["a newer version", new NotTaken("newer"), /Reload the page/, false],
  ["damage", new NotTaken("damaged"), /^This history is damaged\. .* Upload it anew on the other device/, true],
  ["another user", new NotTaken("other user"), /^This is the history of another user\.$/, true],
  ["a file that is gone", new FileError("file_expired"), /no longer on the server, which keeps it for 60 days/, true],
  ["a file that was changed", new FileError("file_corrupt"), /^This history is damaged/, true],
  [
    "a full disk",
    new DOMException("full", "QuotaExceededError"),
    /storage .* is full.* “Go on” to bring the rest/,
    false,
  ],
  ["a rate", problem(429, "too_many_requests", 5), /Try again in 5 s\. .* “Go on”/, false],
])("a history that cannot be brought is explained: %s", (_, error, words, isFinal) => {
  expect(explainBring(error)).toMatch(words);
  expect(isUseless(error)).toBe(isFinal);
});

it.each([
  ["the bound of a day", problem(429, "too_many_files", 7_200), /on one day\. What is uploaded is kept\. .* in 2 h\.$/],
  ["a server with small files", problem(413, "file_too_large"), /takes no files of this size/],
  ["too many parts", new HistoryTooLarge(), /^This history is too large .* “Export history”/],
  ["a portal", new NetworkError("portal", { status: 302 }), /What is uploaded is kept\. Press “Go on”/],
])("a history that cannot be uploaded is explained: %s", (_, error, words) => {
  expect(explainOffer(error)).toMatch(words);
});

it.each([
  ["alice", undefined],
  [undefined, undefined],
  ["<b>Your account is closed</b>", undefined],
  ["bob", /^This link brings the history of bob, and you are logged in as alice here\./],
])("a link of %s that alice follows is explained", (owner, words) => {
  if (words === undefined) expect(explainOwner(owner, "alice")).toBeUndefined();
  else expect(explainOwner(owner, "alice")).toMatch(words);
});

it("an outage needs nobody", () => {
  expect(explainOutage(new NetworkError("away"))).toBe("The server cannot be reached. It goes on by itself.");
});

it("a page without https says that it cannot encrypt", () => {
  onTestFinished(() => void vi.unstubAllGlobals());
  vi.stubGlobal("isSecureContext", true);
  expect(whyUnsafe()).toBeUndefined();
  vi.stubGlobal("isSecureContext", false);
  expect(whyUnsafe()).toContain("Open this page by https");
});

it.each([
  [0, 0, "The whole history is here already."],
  [1_000, 0, "The history is here: 1,000 messages added."],
  [0, 1, "The history is here: 1 message brought up to date."],
  [1, 2, "The history is here: 1 message added, 2 messages brought up to date."],
])("what a history has brought is said: %i new messages and %i that have changed", (added, changed, words) => {
  expect(explainBrought(added, changed)).toBe(words);
});
