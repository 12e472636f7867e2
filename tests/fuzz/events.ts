import type { APIGatewayProxyEventV2 } from "aws-lambda";
import fc, { type Arbitrary } from "fast-check";
import { FORM_TYPE, JSON_TYPE } from "../support/api.ts";
import { ADDRESS, toEvent } from "../support/events.ts";
import { type Body, bodyOf, type Rights, write } from "./bodies.ts";
import { type Field, text } from "./values.ts";

/** A request of a route, and what is odd about it. */
export interface Input {
  readonly body: Body | undefined;
  /** A content type in the place of the right one. */
  readonly type: string | undefined;
  /** An `authorization` header; `right` is a bearer with the right token. */
  readonly authorization: string | undefined;
  /** Other headers that are read, by their names; `right` is the secret that CloudFront proves itself by. */
  readonly others: Readonly<Partial<Record<OtherHeader, string>>>;
  readonly base64: boolean;
  readonly oddity: Oddity;
  /** The first parameter of the path, where it has one. */
  readonly parameter: string | undefined;
  /** The second parameter of the path, where it has two. */
  readonly second?: string | undefined;
}

export const PROOF_HEADER = "x-gotalk-origin";

type OtherHeader = "x-request-id" | "user-agent" | "x-forwarded-for" | typeof PROOF_HEADER;

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

/** What proxies write of whom they ask for, and what a client may write there. */
const hops = fc
  .array(fc.oneof(fc.ipV4(), fc.ipV6(), fc.constantFrom("", " ", "unknown", ADDRESS, "::ffff:1.2.3.4"), text), {
    maxLength: 4,
  })
  .chain((addresses) => fc.constantFrom(",", ", ", " ,\t").map((comma) => addresses.join(comma)));

const requestIds = fc.oneof(text, fc.stringMatching(/^[\w.=-]{1,70}$/));

const others = fc.record(
  {
    "x-request-id": requestIds,
    "user-agent": text,
    "x-forwarded-for": hops,
    [PROOF_HEADER]: fc.oneof({ weight: 4, arbitrary: fc.constant("right") }, { weight: 1, arbitrary: text }),
  },
  { requiredKeys: [] },
);

export const inputOf = (
  fields: Arbitrary<Field[]>,
  parameter: Arbitrary<string | undefined>,
  second: Arbitrary<string | undefined> = fc.constant(undefined),
): Arbitrary<Input> =>
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
    others,
    base64: fc.boolean(),
    oddity: rarely<Oddity>(
      "none",
      fc.constantFrom("flag turned", "no headers", "null body", "null parameters", "strange headers", "more members"),
    ),
    parameter,
    second,
  });

/** The event of an input, as far as a request made it; API Gateway's own members are always there. */
export function eventOf(input: Input, method: string, path: string, rights: Rights): APIGatewayProxyEventV2 {
  const { body, type, authorization, others, base64, oddity, parameter, second } = input;
  const bearer = authorization === "right" ? `Bearer ${rights["token"]?.()}` : authorization;
  const proof = others[PROOF_HEADER] === "right" ? rights[PROOF_HEADER]?.() : others[PROOF_HEADER];
  const headers = {
    "content-type": type ?? (body?.form ? FORM_TYPE : JSON_TYPE),
    ...(bearer !== undefined && { authorization: bearer }),
    ...others,
    ...(proof !== undefined && { [PROOF_HEADER]: proof }),
  };
  const event = toEvent({ method, path, headers, body: body && write(body, rights) }, { base64 });
  for (const [at, name] of Object.keys(event.pathParameters ?? {}).entries()) {
    const value = [parameter, second][at];
    if (value !== undefined) event.pathParameters = { ...event.pathParameters, [name]: value };
  }
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
