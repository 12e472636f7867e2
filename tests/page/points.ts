/** A point of what the page must do, and what shows that it does. */
export interface Point {
  readonly what: string;
  /** The tests in a real browser, by the beginnings of their names. */
  readonly shownBy: readonly string[];
  /** What a browser cannot show, and why. */
  readonly notShown?: string;
}

/** All of them, by their numbers. `points.test.ts` checks that each test that is named here exists. */
export const POINTS: Readonly<Record<number, Point>> = {
  1: {
    what: "Each message gets its UUIDv7 before the first attempt; every retry reuses it.",
    shownBy: [
      "bear one UUIDv7 in all attempts",
      "go out once and in order, and those after them too",
      "and that may have been sent long ago are shown as unknown",
    ],
  },
  2: {
    what: "A message shows at once: pending, then sent, or failed, as text or icon.",
    shownBy: ["show at once as pending", "fail with the reason", "go from a first visit", "of three people"],
  },
  3: {
    what: "Failed messages have Retry and Delete; several have Retry all.",
    shownBy: [
      "fail with the reason",
      "that are deleted while they wait",
      "that are deleted too late",
      "are tried at once",
    ],
  },
  4: {
    what: "The outbox survives a reload and a closed tab, and goes out in order when the network is back.",
    shownBy: [
      "written offline survive",
      "written one right after the other",
      "go out in order though the storage failed",
      "leads to the login",
    ],
    notShown: "That a strict write outlives a power cut: no browser can be unplugged by a test.",
  },
  5: {
    what: "What was typed is never lost: not by a failed send, a reload or an expired session.",
    shownBy: [
      "get each conversation's draft back",
      "write on while the receiver is looked up",
      "write on without a gap",
      "stay in the conversation that they have gone to",
      "keep what they have begun under another name",
      "get all of it back when the lookup fails",
      "find the draft to somebody they know",
      "that both are written in keep what is in the one",
      "that is full leaves what was typed",
      "leads to the login",
      "paste no more than the box takes",
      "see the beginning of a draft",
      "get a draft back that was not stored yet",
    ],
  },
  6: {
    what: "A batch is acknowledged only after it is stored; each message is shown once.",
    shownBy: [
      "are acknowledged only after they are stored",
      "come neither not at all nor twice",
      "flagged as redelivered",
      "that is full keeps messages on the server",
      "that is refused is said",
      "are sent and shown the same whatever the clock",
    ],
  },
  7: {
    what: "It syncs on every wake, reconnect, `online` event and when the tab becomes visible.",
    shownBy: [
      "brings messages at once over the WebSocket",
      "is opened again after the server has closed it",
      "syncs on the event that the network is back",
      "says Offline, and syncs",
    ],
  },
  8: {
    what: "Two tabs of one user are one client.",
    shownBy: [
      "are one client",
      "go on when the one that leads is closed",
      "let the one that is looked at",
      "share a draft",
      "do not turn into the account of somebody else",
      "go on as they were when the same person logs in again",
    ],
  },
  9: {
    what: "A wake makes it sync at once; without a socket it polls, slower when nothing happens and when hidden.",
    shownBy: [
      "brings messages at once over the WebSocket",
      "go from a first visit",
      "polls where the WebSocket is blocked",
      "polls more slowly when nothing happens",
    ],
  },
  10: {
    what: "Connected, reconnecting (with Retry now) or offline is visible; backoff has jitter; a clean close reconnects.",
    shownBy: [
      "says that it reconnects",
      "says Offline, and syncs",
      "carries messages where the browser says that it is offline",
      "is opened again after the server has closed it",
    ],
    notShown:
      "That waits are random: `tests/lib/client/client.test.ts` and `tests/live/client.test.ts` do, in a time of their own.",
  },
  11: {
    what: "401 leads to the login with draft and outbox kept; 429 honours Retry-After; 403 and 404 are plain words.",
    shownBy: [
      "leads to the login",
      "honours Retry-After",
      "wait as long as Retry-After says",
      "fail with the reason",
      "names a refusal in plain words",
      "are told what is wrong when they cannot register",
    ],
  },
  12: { what: "The log stays at the bottom only if it was there.", shownBy: ["stays at the bottom if it is there"] },
  13: {
    what: "Unread badge, count in the title, a divider at the first unread message.",
    shownBy: ["counts what is unread", "is not done while another conversation is about to begin"],
  },
  14: {
    what: "Older history loads while scrolling up and keeps the position; 10,000 messages stay smooth.",
    shownBy: [
      "keeps its place while 500 messages arrive",
      "of 10,000 messages stays smooth",
      "goes from the newest message",
    ],
  },
  15: {
    what: "Day separators; times in the reader's own locale, in full on hover.",
    shownBy: ["separates days, and tells times", "tells the days anew at midnight"],
  },
  16: {
    what: "Empty, loading and error states are distinct, and each says what to do next.",
    shownBy: [
      "is told apart while it is opened",
      "that is full keeps messages on the server",
      "that is refused is said",
      "of a newer version is said to be just that",
      "with damaged records shows all others",
      "with anything that breaks the page",
    ],
  },
  17: {
    what: "Notifications: on a click only, while hidden only, never for a backlog; a click opens the conversation.",
    shownBy: [
      "notifies while nobody looks",
      "asks for notifications on a click only",
      "cuts the text of a notification",
    ],
    notShown: "The system's own notification: headless Chromium refuses them, so the calls to show them are recorded.",
  },
  18: {
    what: "A conversation begins by a username; an unknown one is named; one's own name and id are easy to copy.",
    shownBy: [
      "who are unknown are named as such",
      "may begin with the message",
      "find their own name and id",
      "to somebody who is in the list already",
    ],
  },
  19: {
    what: "Enter sends, Shift+Enter makes a new line, Enter in a composition does neither; a counter near the limit.",
    shownBy: ["write with Enter", "see how much room is left"],
    notShown: "An input method of a system: there is none in a headless browser, so its key events are made by hand.",
  },
  20: {
    what: "New messages are announced, not history; failures are alerts; the focus never jumps; all by keyboard.",
    shownBy: [
      "can do all of it by the keyboard",
      "keep the focus when the button goes",
      "asks for notifications on a click only",
      "hear of new messages, not of history",
      "fail with the reason",
    ],
    notShown: "What a screen reader says: what comes into its live region is looked at.",
  },
  21: {
    what: "AA contrast in both themes, a switch, less motion, from 320 px wide, 100dvh, safe areas.",
    shownBy: [
      "with the login",
      "with a page that is empty",
      "with a busy page",
      "with new messages below",
      "with each dialog of the account",
      "with the theme that was chosen",
      "when the storage is full",
      "when nothing can be stored",
      "choose a theme",
      "find nothing under a phone's notch",
      "have all of it on the screen, however low",
      "can use it on a screen 320 pixels wide",
    ],
    notShown: "What sets 100dvh apart from 100vh: a headless browser has no bar that comes and goes as one scrolls.",
  },
  22: {
    what: "Content is text, never HTML, whatever it holds; links are safe; a strict policy; the token never in a URL.",
    shownBy: [
      "is text, whatever it looks like",
      "runs from right to left",
      "has links to web and mail addresses",
      "shows where a link leads",
      "paints over no other message",
      "is previewed in its own direction",
      "is not sent when nothing of it can be seen",
      "comes with a strict policy",
      "brings messages at once over the WebSocket",
    ],
  },
  23: {
    what: "Installable, and opening it offline shows the stored history; at most 60 KB of JavaScript.",
    shownBy: ["can be installed", "opens offline, with the stored history", "has at most 60 KB of JavaScript"],
  },
  24: {
    what: "Two devices of one person show the same conversations, own messages included; a new one says that it begins here.",
    shownBy: [
      "have the same conversation while all write at once",
      "show what was written elsewhere",
      "keep their drafts apart",
      "show a message to oneself once each",
      "send a message again that came back before",
      "keep such a message in the outbox",
      "begin with the words that the second one begins here",
      "learn in plain words that this one has missed",
      "take a session that an older page has begun",
      "move such a session once",
      "move it by the next attempt",
      "try it again quietly",
      "names each device",
      "has the logins of programs",
      "leads a device that was removed to the login",
      "goes on as the same device",
      "says that there may be a gap",
      "is the same one until it is answered",
      "lists the devices when there are too many",
      "says in plain words that the device no longer exists",
    ],
  },
  25: {
    what: "A message that comes in a frame is shown at once and settled later; it is never shown twice.",
    shownBy: [
      "shows before any request",
      "causes one sync for all that come",
      "is settled at once when the page is hidden",
      "is settled when the page is left",
      "that comes twice, garbled, forged or late",
      "that comes out of order",
      "comes to the tab that leads",
    ],
  },
  31: {
    what: "Chromium, Firefox and WebKit all pass the main stories.",
    shownBy: [
      "register, talk to each other live",
      "have the same conversation on two devices",
      "find history and draft again",
      "write without a network",
      "find the menu and each dialog well laid out",
      "delete a message that was not sent",
    ],
    notShown: "Safari itself, and engines on phones: these are the engines that Debian has.",
  },
  32: {
    what: "A new version says so and loads without losing a draft.",
    shownBy: ["says that there is a new version in every tab", "says so as well without a service worker"],
  },
  33: {
    what: "On touch Enter makes a new line; on a keyboard it sends.",
    shownBy: ["make new lines with Enter on a touch screen", "write with Enter"],
    notShown: "A real screen keyboard: what its keys look like to a page is in `tests/static/send-key.test.ts`.",
  },
  35: {
    what: "Logging out can leave nothing on the device, and it says what is lost by it.",
    shownBy: ["leaves nothing on a device that is erased", "is erased from a device without a network"],
  },
};
