import { randomBytes } from "node:crypto";
import { type Api, json } from "./api.ts";

/** A user of the tests who is logged in. */
export interface Person {
  readonly id: string;
  readonly username: string;
  readonly password: string;
  readonly token: string;
  /** What the login returned: the first `ack`. */
  readonly receipt: string;
}

export const newUsername = (): string => `u${randomBytes(8).toString("hex")}`;

export const PASSWORD = "correct horse battery staple";

/** Registers somebody and logs in. */
export async function newPerson(api: Api): Promise<Person> {
  const username = newUsername();
  const registered = await api(json("/register", { username, password: PASSWORD }));
  if (registered.status !== 201) throw new Error(`not registered: ${registered.text}`);
  return logIn(api, username);
}

/** Another session of somebody who is registered. */
export async function logIn(api: Api, username: string, password = PASSWORD): Promise<Person> {
  const { status, body, text } = await api(json("/login", { username, password }));
  if (status !== 200) throw new Error(`not logged in: ${text}`);
  return {
    id: String(body["id"]),
    username,
    password,
    token: String(body["token"]),
    receipt: String(body["receipt"]),
  };
}

/** What every request of a person bears. */
export const claimOf = ({ token, id }: Person): { token: string; id: string } => ({ token, id });
