import { readFileSync } from "node:fs";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import type { Answer, Api, Call } from "./api.ts";

interface Response {
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly content?: Readonly<Record<string, unknown>>;
}

interface Operation {
  readonly operationId: string;
  readonly responses: Readonly<Record<string, Response>>;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

/** The OpenAPI document that is checked in. */
export const DOCUMENT: Document = JSON.parse(
  readFileSync(new URL("../../static/public/openapi.json", import.meta.url), "utf8"),
);

/** A member that is not declared is a fault of the server, though clients are to ignore it: here objects are closed. */
function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed);
  if (typeof value !== "object" || value === null) return value;
  const copy = Object.fromEntries(Object.entries(value).map(([name, member]) => [name, closed(member)]));
  const isObject = "properties" in value && "type" in value && value.type === "object";
  return isObject ? { ...copy, additionalProperties: false } : copy;
}

// The document is OpenAPI around the schemas, whose keywords are none of JSON Schema's.
const ajv = new Ajv2020({ strict: false, allErrors: true });
// The package is CommonJS, and its default export is a member of what Node hands over.
(addFormats as unknown as { default: (to: Ajv2020) => void }).default(ajv);
ajv.addSchema(closed(DOCUMENT) as object, "openapi");

const escaped = (part: string): string => encodeURIComponent(part.replaceAll("~", "~0").replaceAll("/", "~1"));

/** The validator of what stands at a place in the document. */
function validatorAt(...place: readonly string[]): ValidateFunction {
  const reference = `openapi#/${place.map(escaped).join("/")}`;
  const known = ajv.getSchema(reference);
  if (known === undefined) throw new Error(`the document has nothing at ${reference}`);
  return known;
}

const TEMPLATES = Object.keys(DOCUMENT.paths).map((path) => ({
  path,
  pattern: new RegExp(`^${path.replaceAll(/\{\w+\}/g, "[^/]+")}$`),
}));

/** What the document says of a call's answer; undefined for a route that it does not have. */
function place({ method, path }: Call): { readonly path: string; readonly method: string } | undefined {
  const [pathname = ""] = path.split("?");
  const name = method.toLowerCase();
  // A path may fit two: `/groups/join` is no group.
  const template = TEMPLATES.find(({ path: of, pattern }) => pattern.test(pathname) && DOCUMENT.paths[of]?.[name]);
  return template && { path: template.path, method: name };
}

/** The document's routes that none of the calls takes. */
export function untriedBy(calls: readonly Call[]): string[] {
  const tried = new Set(calls.map(place).map((found) => `${found?.method} ${found?.path}`));
  const routes = Object.entries(DOCUMENT.paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method} ${path}`),
  );
  return routes.filter((route) => !tried.has(route));
}

/** @throws Error for what the document does not say of an answer */
export function checkAgainstDocument(call: Call, answer: Answer): void {
  const faults = faultsOf(call, answer);
  if (faults.length === 0) return;
  const { status, text } = answer;
  throw new Error(
    `${call.method} ${call.path} answered ${status} ${text}, and the document says: ${faults.join("; ")}`,
  );
}

function faultsOf(call: Call, answer: Answer): string[] {
  const found = place(call);
  if (found === undefined) return problemFaults(answer);
  const response = DOCUMENT.paths[found.path]?.[found.method]?.responses[answer.status];
  if (response === undefined) return [`no status ${answer.status}`];
  const missing = Object.keys(response.headers ?? {}).filter((name) => answer.headers[name] === undefined);
  return [...missing.map((name) => `header ${name} is missing`), ...bodyFaults(response, answer, found)];
}

function bodyFaults(
  { content }: Response,
  answer: Answer,
  { path, method }: { path: string; method: string },
): string[] {
  if (content === undefined) return answer.text === "" ? [] : ["no body"];
  const type = answer.headers["content-type"]?.split(";")[0]?.trim() ?? "";
  if (content[type] === undefined) return [`no content type ${type}`];
  return schemaFaults(
    answer,
    validatorAt("paths", path, method, "responses", String(answer.status), "content", type, "schema"),
  );
}

/** A route that there is not is a problem as well. */
function problemFaults(answer: Answer): string[] {
  const expected: Readonly<Record<number, string>> = { 404: "not_found", 405: "method_not_allowed" };
  if (expected[answer.status] !== answer.body["code"]) return ["404 not_found or 405 method_not_allowed"];
  return schemaFaults(answer, validatorAt("components", "schemas", "Problem"));
}

function schemaFaults({ body }: Answer, validate: ValidateFunction): string[] {
  if (validate(body)) return [];
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  );
}

/** An API each of whose answers is held against the document. */
export function documented(api: Api): Api {
  const checked = async (call: Call): Promise<Answer> => {
    const answer = await api(call);
    checkAgainstDocument(call, answer);
    return answer;
  };
  return Object.assign(checked, { seed: api.seed });
}
