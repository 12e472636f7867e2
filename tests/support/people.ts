import { randomUUID } from "node:crypto";
import {
  type BackoffOptions,
  type Batch,
  Client,
  type ClientOptions,
  type Credentials,
  type Message,
  type Sent,
  type Session,
} from "../../lib/client/index.ts";
import type { Person } from "./logins.ts";

/** What a request in goTalk's own way is answered with. */
export interface Answer<Body> {
  readonly status: number;
  readonly body: Body;
}

/** A person who uses the client library. */
export interface ClientPerson extends Person {
  readonly session: Session;
  readonly client: Client;
  /** A client of the same session: through another address, or after a restart. */
  at(url: string, retry?: Partial<BackoffOptions>): Client;
  /** Another device: a client with a session of its own. */
  elsewhere(): Promise<Client>;
  /** `$.post("/send", {token, username, id, sendToId, content})`, goTalk's own example: a form. */
  postSend(fields: { sendToId: string; content: string; messageId?: string }): Promise<Answer<Sent>>;
  /** `$.post("/sync", {token, id})`, goTalk's own example: a form that settles what it takes. */
  postSync(fields?: { limit?: string }): Promise<Answer<Batch>>;
}

/** What {@link newcomer} can be told. */
interface NewcomerOptions extends Omit<ClientOptions, "url" | "session"> {
  /** Makes the user. Default: by the API. */
  readonly register?: (credentials: Credentials) => Promise<unknown>;
}

/** A new user of a server, who is logged in. */
export async function newcomer(url: string, { register, ...options }: NewcomerOptions = {}): Promise<ClientPerson> {
  const credentials = { username: `user-${randomUUID().slice(0, 18)}`, password: randomUUID() };
  const client = new Client({ ...options, url });
  await (register ? register(credentials) : client.register(credentials));
  const session = await client.login(credentials);
  const { id, username, token, receipt } = session;
  return {
    id,
    username,
    password: credentials.password,
    token,
    receipt,
    session,
    client,
    at: (address, retry = {}) => new Client({ url: address, session, retry, live: false }),
    elsewhere: async () => {
      const other = new Client({ ...options, url });
      await other.login(credentials);
      return other;
    },
    postSend: (fields) => post(`${url}/send`, { token, username, id, ...fields }),
    postSync: (fields = {}) => post(`${url}/sync`, { token, id, ...fields }),
  };
}

async function post<Body>(url: string, fields: Record<string, string>): Promise<Answer<Body>> {
  const response = await fetch(url, { method: "POST", body: new URLSearchParams(fields) });
  return { status: response.status, body: (await response.json()) as Body };
}

/**
 * Takes messages from `client.receive()`, and leaves when there are so many; the last batch is acknowledged then, as
 * its receipt is shown by a last sync.
 *
 * @returns the messages, and what that last sync was answered with
 */
export async function takeAndSettle(client: Client, count: number): Promise<{ messages: Message[]; rest: Batch }> {
  const inbox = client.receive();
  const messages: Message[] = [];
  for await (const message of inbox) {
    messages.push(message);
    if (messages.length === count) break;
  }
  return { messages, rest: await client.sync({ ack: inbox.state.receipt }) };
}

/** Does the work for each item, so many at once, begun in their order. */
export async function atOnce<Item>(
  count: number,
  items: readonly Item[],
  work: (item: Item) => Promise<unknown>,
): Promise<void> {
  const rest = items.values();
  const worker = async (): Promise<void> => {
    for (const item of rest) await work(item);
  };
  await Promise.all(Array.from({ length: count }, worker));
}
