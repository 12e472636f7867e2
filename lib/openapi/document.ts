import type * as z from "zod/mini";
import { LIMITS } from "../contract/limits.ts";
import { PROBLEMS, type ProblemCode } from "../contract/problems.ts";
import type { JsonSchema } from "./json-schema.ts";
import { ANSWERS, OPERATIONS, type Operation } from "./operations.ts";
import { exampleOf as problemExample } from "./problems.ts";
import { schemaOf } from "./schema-of.ts";
import { DESCRIPTION, TAGS } from "./texts.ts";

const reference = (section: string, name: string): JsonSchema => ({ $ref: `#/components/${section}/${name}` });

/** What every route may answer with. A body, or a parameter, can be wrong on each of them. */
const COMMON: readonly ProblemCode[] = [
  "invalid_request",
  "cross_site",
  "too_large",
  "unsupported_media_type",
  "internal_error",
  "unavailable",
];

const HEADERS: Readonly<Record<string, JsonSchema>> = {
  "x-request-id": {
    description: "Names the request in the server's log.",
    required: true,
    schema: { type: "string", minLength: 1 },
  },
  "cache-control": { description: "Nothing is to be kept.", required: true, schema: { const: "no-store" } },
  "retry-after": {
    description: "Seconds after which trying again makes sense.",
    required: true,
    schema: { type: "string", pattern: "^[1-9][0-9]*$" },
  },
  "www-authenticate": { description: "Always `Bearer`.", required: true, schema: { const: "Bearer" } },
  "accept-post": { description: "The types of a body that are taken.", required: true, schema: { type: "string" } },
};

const headersOf = (...names: readonly string[]): JsonSchema =>
  Object.fromEntries(["cache-control", "x-request-id", ...names].map((name) => [name, reference("headers", name)]));

/** A problem as it is sent. */
function exampleOf(code: ProblemCode, operation: Operation): JsonSchema {
  const { title, status, message, members } = problemExample(code, operation);
  return {
    type: "about:blank",
    title,
    status,
    detail: message,
    code,
    requestId: "1d3f5a7c-0b2d-4e6f-8a9b-1c3d5e7f9a0b",
    ...members,
  };
}

/** One response for all problems of a status. */
function problemResponse(status: number, codes: readonly ProblemCode[], operation: Operation): JsonSchema {
  const all = codes.map((code) => ({ code, ...PROBLEMS[code] }));
  const headers = all.flatMap((problem) => [
    ...Object.keys(problem.headers ?? {}),
    ...(problem.isTimed ? ["retry-after"] : []),
  ]);
  return {
    description: all.map(({ title, code }) => `\`${code}\`: ${title}.`).join(" "),
    headers: headersOf(...new Set(headers)),
    content: {
      "application/problem+json": {
        schema: {
          ...reference("schemas", "Problem"),
          properties: { status: { const: status }, code: { enum: codes } },
        },
        examples: Object.fromEntries(codes.map((code) => [code, { value: exampleOf(code, operation) }])),
      },
    },
  };
}

function responsesOf(operation: Operation): JsonSchema {
  const { success, answer, problems } = operation;
  const byStatus = Map.groupBy([...problems, ...COMMON], (code) => PROBLEMS[code].status);
  const { description, schema } = answer;
  return {
    [success]: {
      description,
      headers: headersOf(),
      ...(schema !== undefined && { content: { "application/json": { schema: reference("schemas", schema) } } }),
    },
    ...Object.fromEntries([...byStatus].map(([number, codes]) => [number, problemResponse(number, codes, operation)])),
  };
}

const nameOf = ({ operationId }: Operation): string => `${operationId[0]?.toUpperCase()}${operationId.slice(1)}Request`;

/** Whether a route takes a body: a POST does, and what else has a field that is neither its token nor in its path. */
function hasBody({ method, path, takes }: Operation): boolean {
  const isBeside = (name: string) => name !== "token" && !path.includes(`{${name}}`);
  return method === "POST" || (method !== "GET" && Object.keys(takes.shape).some(isBeside));
}

/** The schema of the body: what the route takes, without what is in its path. */
function bodySchemaOf({ path, takes }: Operation): JsonSchema {
  const { properties, required, ...schema } = schemaOf(takes) as {
    properties: Record<string, JsonSchema>;
    required?: string[];
  };
  const isInBody = (name: string) => !path.includes(`{${name}}`);
  const needed = required?.filter(isInBody) ?? [];
  return {
    ...schema,
    properties: Object.fromEntries(Object.entries(properties).filter(([name]) => isInBody(name))),
    ...(needed.length > 0 && { required: needed }),
  };
}

/** The same fields in JSON and in a form. */
const bodyOf = (operation: Operation): JsonSchema => {
  const schema = reference("schemas", nameOf(operation));
  return {
    required: operation.method === "POST" || bodySchemaOf(operation)["required"] !== undefined,
    content: { "application/json": { schema }, "application/x-www-form-urlencoded": { schema } },
  };
};

/** The parts of the path that stand in braces. */
function parametersOf({ path, takes }: Operation): JsonSchema[] {
  const { properties } = schemaOf(takes) as { properties: Record<string, JsonSchema> };
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => {
    const { description, ...schema } = properties[name] as JsonSchema;
    return { name, in: "path", required: true, description, schema };
  });
}

/** A token in the body is an alternative to the header, of which OpenAPI knows nothing. */
const securityOf = (operation: Operation): JsonSchema[] => {
  if (operation.isOpen) return [];
  return hasBody(operation) ? [{ bearer: [] }, {}] : [{ bearer: [] }];
};

function operationOf(operation: Operation): JsonSchema {
  const { operationId, tag, summary, description } = operation;
  const parameters = parametersOf(operation);
  return {
    operationId,
    tags: [tag],
    summary,
    ...(description !== undefined && { description }),
    security: securityOf(operation),
    ...(parameters.length > 0 && { parameters }),
    ...(hasBody(operation) && { requestBody: bodyOf(operation) }),
    responses: responsesOf(operation),
  };
}

function paths(): JsonSchema {
  const byPath = Map.groupBy(OPERATIONS, ({ path }) => path);
  return Object.fromEntries(
    [...byPath].map(([path, operations]) => [
      path,
      Object.fromEntries(operations.map((operation) => [operation.method.toLowerCase(), operationOf(operation)])),
    ]),
  );
}

function schemas(): JsonSchema {
  const requests = OPERATIONS.filter(hasBody).map((operation): [string, JsonSchema] => [
    nameOf(operation),
    bodySchemaOf(operation),
  ]);
  const answers = Object.entries(ANSWERS).map(([name, schema]): [string, JsonSchema] => [
    name,
    schemaOf(schema, "output"),
  ]);
  return Object.fromEntries([...requests, ...answers]);
}

/** The OpenAPI 3.1 document of the HTTP API. */
export const openApi = (version: string): JsonSchema => ({
  openapi: "3.1.1",
  info: {
    title: "goTalk",
    version,
    summary: "Simple messages that always arrive, exactly once.",
    description: DESCRIPTION,
    license: { name: "MIT", identifier: "MIT" },
  },
  servers: [{ url: "/", description: "The server that this document comes from." }],
  tags: TAGS,
  paths: paths(),
  components: {
    securitySchemes: {
      bearer: {
        type: "http",
        scheme: "bearer",
        bearerFormat: "JWE",
        description: `The token that the login returned. It is valid for ${LIMITS.session / 86_400_000} days, or until its session is ended. A request with a body may have it as the field \`token\` of its body instead.`,
      },
    },
    headers: HEADERS,
    schemas: schemas(),
  },
});

/** The zod schemas of what is taken, by the names that the document gives them. */
export const requestSchemas = (): Readonly<Record<string, z.ZodMiniType>> =>
  Object.fromEntries(OPERATIONS.map((operation) => [nameOf(operation), operation.takes]));
