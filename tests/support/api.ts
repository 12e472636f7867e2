import type { Seed } from "./seeding.ts";

/** One request to goTalk's API, whatever carries it: HTTP, or an event handed to a function. */
export interface Call {
  readonly method: string;
  readonly path: string;
  /** Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | undefined;
}

export interface Answer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The JSON object of the body; empty if there is none. */
  readonly body: Readonly<Record<string, unknown>>;
  /** The body as it came. */
  readonly text: string;
}

/** goTalk's API. */
export interface Api {
  (call: Call): Promise<Answer>;
  /** Makes a user without a registration, which costs much. Without it users register. */
  readonly seed?: Seed | undefined;
}

export type Fields = Readonly<Record<string, unknown>>;

export const JSON_TYPE = "application/json";

/** As jQuery names it. */
export const FORM_TYPE = "application/x-www-form-urlencoded; charset=UTF-8";

/** A body as `$.post` makes it: `jQuery.param` encodes each part, and writes spaces as `+`. */
export const formOf = (fields: Fields): string =>
  Object.entries(fields)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`)
    .join("&")
    .replaceAll("%20", "+");

/** A POST of any body. */
export const post = (path: string, type: string, body: string | Buffer): Call => ({
  method: "POST",
  path,
  headers: { "content-type": type },
  body: Buffer.from(body),
});

export const json = (path: string, fields: Fields): Call => post(path, JSON_TYPE, JSON.stringify(fields));

export const form = (path: string, fields: Fields): Call => post(path, FORM_TYPE, formOf(fields));

export const bearer = (token: string, call: Call): Call => ({
  ...call,
  headers: { ...call.headers, authorization: `Bearer ${token}` },
});

export const find = (username: string, token: string): Call =>
  bearer(token, { method: "GET", path: `/users/${username}` });

/** The API over HTTP. */
export function httpApi(url: string, seed?: Seed): Api {
  const api = async ({ method, path, headers, body }: Call): Promise<Answer> => {
    const response = await fetch(url + path, {
      method,
      ...(headers && { headers }),
      ...(body && { body: new Uint8Array(body) }),
    });
    return answerOf(response.status, Object.fromEntries(response.headers), await response.text());
  };
  return Object.assign(api, { seed });
}

export function answerOf(status: number, headers: Readonly<Record<string, string>>, text: string): Answer {
  // serverless-offline names a type even where there is no body.
  const isJson = text !== "" && (headers["content-type"]?.includes("json") ?? false);
  return { status, headers, body: isJson ? JSON.parse(text) : {}, text };
}
