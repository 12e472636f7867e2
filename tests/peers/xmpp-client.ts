import { setTimeout as sleep } from "node:timers/promises";
import { type Client, client, xml } from "@xmpp/client";
import type { Receiving } from "./receiving.ts";
import type { Sender } from "./sender.ts";

export interface XmppTask {
  readonly kind: "xmpp";
  readonly port: number;
}

export const DOMAIN = "localhost";
export const RECEIVER = "receiver";
/** Of every account: nothing but loopback sees it. */
export const PASSWORD = "correct horse battery staple";

type Element = ReturnType<typeof xml>;

/** What the declared types lack. */
interface Acknowledging {
  on(event: "ack" | "fail", listener: (stanza: Element) => void): void;
  /** Milliseconds before it asks for an acknowledgement. */
  requestAckDebounce: number;
  readonly outbound_q: readonly { readonly stanza: Element }[];
}

const MAM = "urn:xmpp:mam:2";
const RSM = "http://jabber.org/protocol/rsm";
const DELAY = "urn:xmpp:delay";
const STANZA_ID = "urn:xmpp:sid:0";
const PAGE = "100";
const ANSWER_MS = 5_000;
const AGAIN_MS = 50;
const RECONNECT_MS = 100;
const LAST = "last";

/** A message is known by its id in the archive, and by its sender's id for it, which is the same when it is sent again. */
const namesOf = (archiveId: string | undefined, { attrs: { id, from } }: Element): string[] => [
  ...(archiveId === undefined ? [] : [`archive ${archiveId}`]),
  ...(id === undefined ? [] : [`${String(from).split("/")[0]} ${id}`]),
];

function open(port: number, username: string): Client {
  const service = `xmpp://127.0.0.1:${port}`;
  const xmpp = client({ service, domain: DOMAIN, username, password: PASSWORD, resource: "peers" });
  xmpp.reconnect.delay = RECONNECT_MS;
  // The library listens once more for each reconnect that failed.
  xmpp.setMaxListeners(0);
  // It connects again by itself.
  xmpp.on("error", () => {});
  void start(xmpp);
  return xmpp;
}

/** Only after its first connection does the library connect again by itself. */
async function start(xmpp: Client): Promise<void> {
  await xmpp.start().catch(() => undefined);
}

/**
 * Receives without an end: over a stream that is resumed, and where it cannot be, from the archive, beginning after the
 * last message that was kept. What it has already it drops, as a chat client does that looks into its history.
 */
export async function receiveFromXmpp({ port }: XmppTask, { journal, ready, take }: Receiving): Promise<void> {
  const xmpp = open(port, RECEIVER);
  /** What comes live while the archive is read; it is in the archive too, so that order is kept. */
  let held: Element[] | undefined;
  let sessions = 0;

  const keep = (archiveId: string | undefined, message: Element, delay: Element | undefined): void => {
    const names = namesOf(archiveId, message);
    if (names.some((name) => journal.saved(name) !== undefined)) return;
    const content = message.getChildText("body") ?? "";
    take({ content, flagged: delay !== undefined }, () => {
      for (const name of names) journal.save(name, true);
      if (archiveId !== undefined) journal.save(LAST, archiveId);
    });
  };
  const keepLive = (message: Element): void =>
    keep(message.getChild("stanza-id", STANZA_ID)?.attrs["id"], message, message.getChild("delay", DELAY));

  xmpp.on("stanza", (stanza: Element) => {
    const result = stanza.getChild("result", MAM);
    const forwarded = result?.getChild("forwarded", "urn:xmpp:forward:0");
    const archived = forwarded?.getChild("message");
    if (result && archived) keep(result.attrs["id"], archived, forwarded?.getChild("delay", DELAY));
    else if (stanza.is("message") && stanza.getChild("body")) held ? held.push(stanza) : keepLive(stanza);
  });

  /** Takes one page of the archive. Where the next one begins; undefined when there is none. */
  const readPage = async (after: string | undefined): Promise<string | undefined> => {
    const from = after === undefined ? [] : [xml("after", {}, after)];
    const query = xml("query", { xmlns: MAM }, xml("set", { xmlns: RSM }, xml("max", {}, PAGE), ...from));
    const answer = await xmpp.iqCaller.request(xml("iq", { type: "set" }, query), ANSWER_MS);
    const end = answer.getChild("fin", MAM);
    return end?.attrs["complete"] === "true" ? undefined : (end?.getChild("set", RSM)?.getChildText("last") ?? after);
  };
  const readArchive = async (): Promise<void> => {
    let next = journal.saved<string>(LAST);
    do next = await readPage(next);
    while (next !== undefined);
  };

  xmpp.on("online", async () => {
    const session = ++sessions;
    held = [];
    await xmpp.send(xml("presence", {})).catch(() => undefined);
    // Cut in the middle, it begins again, unless another session does.
    const read = (): Promise<boolean> =>
      readArchive().then(
        () => true,
        () => sleep(AGAIN_MS, false),
      );
    while (session === sessions && !(await read()));
    if (session !== sessions) return;
    const waiting = held;
    held = undefined;
    waiting.forEach(keepLive);
    ready();
  });
}

/** A sender that waits for the server's acknowledgement, and sends again with the same id what failed. */
export async function xmppSender(number: number, port: number): Promise<Sender> {
  const xmpp = open(port, `sender-${number}`);
  const management = xmpp.streamManagement as unknown as Acknowledging;
  management.requestAckDebounce = 0;
  const waiting = new Map<Element, (isDone: boolean) => void>();
  management.on("ack", (stanza) => waiting.get(stanza)?.(true));
  management.on("fail", (stanza) => waiting.get(stanza)?.(false));
  let count = 0;

  /** Whether the server has acknowledged it. */
  const attempt = async (id: string, content: string): Promise<boolean> => {
    if (xmpp.status !== "online") return sleep(AGAIN_MS, false);
    const to = `${RECEIVER}@${DOMAIN}`;
    const stanza = xml(
      "message",
      { type: "chat", id, to },
      xml("body", {}, content),
      xml("origin-id", { xmlns: STANZA_ID, id }),
    );
    const done = new Promise<boolean>((resolve) => waiting.set(stanza, resolve));
    try {
      await xmpp.send(stanza).catch(() => {
        // What is in the queue is sent again by the library.
        if (!management.outbound_q.some((item) => item.stanza === stanza)) waiting.get(stanza)?.(false);
      });
      return await done;
    } finally {
      waiting.delete(stanza);
    }
  };
  return {
    async send(content) {
      const id = `${number}-${count++}`;
      while (!(await attempt(id, content)));
    },
    close: async () => void (await xmpp.stop().catch(() => undefined)),
  };
}
