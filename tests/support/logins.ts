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

/** Makes a user and logs in. */
export async function newPerson(api: Api): Promise<Person> {
  return logIn(api, await newUser(api));
}

/** Makes a user, by a registration unless the API can seed one. @returns The username. */
export async function newUser(api: Api): Promise<string> {
  const credentials = { username: newUsername(), password: PASSWORD };
  if (api.seed !== undefined) {
    await api.seed(credentials);
  } else {
    const { status, text } = await api(json("/register", credentials));
    if (status !== 201) throw new Error(`not registered: ${text}`);
  }
  return credentials.username;
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
