import type { APIGatewayProxyEventV2 } from "aws-lambda";
import fc, { type Arbitrary } from "fast-check";
import { FORM_TYPE, JSON_TYPE } from "../support/api.ts";
import { toEvent } from "../support/events.ts";
import { type Body, bodyOf, type Rights, write } from "./bodies.ts";
import { type Field, text } from "./values.ts";

/** A request of a route, and what is odd about it. */
export interface Input {
  readonly body: Body | undefined;
  /** A content type in the place of the right one. */
  readonly type: string | undefined;
  /** An `authorization` header; `right` is a bearer with the right token. */
  readonly authorization: string | undefined;
  readonly base64: boolean;
  readonly oddity: Oddity;
  /** The last part of the path, where it has a parameter. */
  readonly parameter: string | undefined;
}

type Oddity =
  | "none"
  | "flag turned"
  | "no headers"
  | "null body"
  | "null parameters"
  | "strange headers"
  | "more members";

const rarely = <T>(usual: T, other: Arbitrary<T>, weight = 20): Arbitrary<T> =>
  fc.oneof({ weight, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: other });

const types = fc.oneof(
  text,
  fc.constantFrom("application/json; charset=utf-16", "multipart/form-data; boundary=x", "text/plain", ";;=", "json"),
  fc.constantFrom("APPLICATION/JSON", "application/json;charset=UTF-8", "application/x-www-form-urlencoded"),
);

export const inputOf = (fields: Arbitrary<Field[]>, parameter: Arbitrary<string | undefined>): Arbitrary<Input> =>
  fc.record({
    body: fc.option(bodyOf(fields), { freq: 30, nil: undefined }),
    type: rarely<string | undefined>(undefined, types),
    authorization: rarely<string | undefined>(
      undefined,
      fc.oneof(
        fc.constant("right"),
        text.map((token) => `Bearer ${token}`),
        text,
      ),
      4,
    ),
    base64: fc.boolean(),
    oddity: rarely<Oddity>(
      "none",
      fc.constantFrom("flag turned", "no headers", "null body", "null parameters", "strange headers", "more members"),
    ),
    parameter,
  });

/** The event of an input, as far as a request made it; API Gateway's own members are always there. */
export function eventOf(input: Input, method: string, path: string, rights: Rights): APIGatewayProxyEventV2 {
  const { body, type, authorization, base64, oddity, parameter } = input;
  const bearer = authorization === "right" ? `Bearer ${rights["token"]?.()}` : authorization;
  const headers = {
    "content-type": type ?? (body?.form ? FORM_TYPE : JSON_TYPE),
    ...(bearer !== undefined && { authorization: bearer }),
  };
  const event = toEvent({ method, path, headers, body: body && write(body, rights) }, { base64 });
  const [name] = Object.keys(event.pathParameters ?? {});
  if (parameter !== undefined && name !== undefined) event.pathParameters = { [name]: parameter };
  return makeOdd(event, oddity);
}

function makeOdd(event: APIGatewayProxyEventV2, oddity: Oddity): APIGatewayProxyEventV2 {
  switch (oddity) {
    case "none":
      return event;
    case "flag turned":
      return { ...event, isBase64Encoded: !event.isBase64Encoded };
    case "no headers":
      return { ...event, headers: undefined } as unknown as APIGatewayProxyEventV2;
    case "null body":
      return { ...event, body: null } as unknown as APIGatewayProxyEventV2;
    case "null parameters":
      return { ...event, pathParameters: null } as unknown as APIGatewayProxyEventV2;
    case "strange headers":
      return { ...event, headers: { ...event.headers, "": "", cookie: "=;\0", "content-length": "-1", expect: "x" } };
    case "more members":
      return { ...event, cookies: ["a=b"], queryStringParameters: { id: "x", token: "x" }, rawQueryString: "id=x" };
  }
}
