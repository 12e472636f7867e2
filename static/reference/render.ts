import { marked } from "marked";
import { type ComponentChildren, h } from "preact";
import { renderToString } from "preact-render-to-string";
import {
  type Document,
  exampleOf,
  type Operation,
  type Parameter,
  type Response,
  resolve,
  type Schema,
} from "./model.ts";

/** One operation and where it is. */
interface Route extends Operation {
  readonly method: string;
  readonly path: string;
}

/** The Markdown is our own: it is in the document that our code makes. */
const prose = (markdown: string): ComponentChildren =>
  h("div", { class: "prose", dangerouslySetInnerHTML: { __html: marked.parse(markdown, { async: false }) } });

const code = (children: ComponentChildren): ComponentChildren => h("code", null, children);

const json = (value: unknown): ComponentChildren =>
  h("pre", { tabIndex: 0, "aria-label": "Example" }, code(JSON.stringify(value, undefined, 2)));

/** What a value must be, in words. */
function rulesOf({ type, format, pattern, const: constant, ...schema }: Schema): string {
  const { minLength, maxLength, minimum, maximum, maxItems } = schema;
  const range = (what: string, least?: number, most?: number): string | undefined => {
    if (least === undefined && most === undefined) return undefined;
    return `${least ?? 0} to ${most ?? "any number of"} ${what}`.trim();
  };
  const rules = [
    constant === undefined ? (format ?? type) : `always ${JSON.stringify(constant)}`,
    range("characters", minLength, maxLength === undefined && minLength === 1 ? undefined : maxLength),
    range("", minimum, maximum),
    maxItems === undefined ? undefined : `${maxItems} at most`,
    schema.default === undefined ? undefined : `default ${schema.default}`,
    pattern === undefined || format !== undefined ? undefined : pattern,
  ];
  return rules.filter(Boolean).join(", ");
}

function field(document: Document, name: string, given: Schema, isRequired: boolean): ComponentChildren[] {
  const schema = resolve(document, given);
  const inner = schema.items === undefined ? schema : resolve(document, schema.items);
  return [
    h("dt", null, code(name), " ", h("span", { class: "soft" }, isRequired ? "required" : "optional")),
    h(
      "dd",
      null,
      schema.description === undefined ? null : prose(schema.description),
      h("p", { class: "soft rules" }, rulesOf(schema)),
      inner.properties === undefined ? null : fields(document, inner),
    ),
  ];
}

const fields = (document: Document, { properties = {}, required = [] }: Schema): ComponentChildren =>
  h(
    "dl",
    null,
    Object.entries(properties).flatMap(([name, schema]) => field(document, name, schema, required.includes(name))),
  );

const parameter = (document: Document, { name, description, schema }: Parameter): ComponentChildren[] =>
  field(document, name, { ...schema, description: `In the path. ${description}` }, true);

function authentication({ security }: Route): string {
  if (security.length === 0) return "Needs no token.";
  const isOptional = security.some((scheme) => Object.keys(scheme).length === 0);
  return isOptional
    ? "Needs a token: `Authorization: Bearer …`, or the field `token`."
    : "Needs a token: `Authorization: Bearer …`.";
}

/** As it is pasted into a shell. */
function curl(document: Document, { method, path, requestBody, parameters = [] }: Route): string {
  const filled = parameters.reduce(
    (text, { name, schema }) => text.replace(`{${name}}`, String(exampleOf(document, schema))),
    path,
  );
  const schema = requestBody?.content["application/x-www-form-urlencoded"]?.schema;
  if (schema === undefined) {
    const verb = method === "get" ? "" : `-X ${method.toUpperCase()} `;
    return `curl ${verb}"$url${filled}" -H "Authorization: Bearer $token"`;
  }
  const { properties = {}, required = [] } = resolve(document, schema);
  const names = Object.keys(properties).filter((name) => name === "token" || required.includes(name));
  const data = names.map((name) =>
    name === "token" ? "-d token=$token" : `--data-urlencode '${name}=${exampleOf(document, properties[name] ?? {})}'`,
  );
  return [`curl "$url${filled}"`, ...data].join(" \\\n  ");
}

function response(
  document: Document,
  status: string,
  { description, headers, content = {} }: Response,
): ComponentChildren {
  const [type, body] = Object.entries(content)[0] ?? [];
  const examples = Object.values(body?.examples ?? {}).map(({ value }) => value);
  const shown = body === undefined || examples.length > 0 ? examples : [exampleOf(document, body.schema)];
  const isProblem = type === "application/problem+json";
  return h(
    "details",
    { class: Number(status) < 400 ? "good" : "bad", open: Number(status) < 400 },
    h(
      "summary",
      null,
      h("strong", null, status),
      " ",
      h("span", { dangerouslySetInnerHTML: { __html: marked.parseInline(description, { async: false }) } }),
    ),
    h("p", { class: "soft" }, type ?? "No body.", " Headers: ", Object.keys(headers).join(", ")),
    body === undefined || isProblem ? null : fields(document, resolve(document, body.schema)),
    shown.map(json),
  );
}

function operation(document: Document, route: Route): ComponentChildren {
  const { method, path, operationId, summary, description = "", parameters = [], requestBody, responses } = route;
  const body = requestBody?.content["application/json"]?.schema;
  return h(
    "section",
    { id: operationId, class: "route" },
    h("h3", null, h("a", { href: `#${operationId}` }, summary)),
    h("p", { class: "where" }, h("span", { class: `method ${method}` }, method.toUpperCase()), " ", code(path)),
    prose(`${description}\n\n${authentication(route)}`),
    h("h4", null, "Takes"),
    parameters.length === 0
      ? null
      : h(
          "dl",
          null,
          parameters.flatMap((each) => parameter(document, each)),
        ),
    body === undefined ? null : h("p", { class: "soft" }, Object.keys(requestBody?.content ?? {}).join(" or ")),
    body === undefined ? null : fields(document, resolve(document, body)),
    parameters.length === 0 && body === undefined ? h("p", { class: "soft" }, "Nothing but the token.") : null,
    h("pre", { tabIndex: 0, "aria-label": "Example for a shell" }, code(curl(document, route))),
    h("h4", null, "Answers"),
    Object.entries(responses).map(([status, each]) => response(document, status, each)),
  );
}

const routesOf = ({ paths }: Document): Route[] =>
  Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, each]) => ({ ...each, method, path })),
  );

/** The reference as HTML: the body of a page without a script. */
export function renderReference(document: Document): string {
  const routes = routesOf(document);
  const tags = document.tags.map((tag) => ({ ...tag, routes: routes.filter(({ tags: [name] }) => name === tag.name) }));
  const { info, components } = document;
  return renderToString(
    h(
      "div",
      { class: "page" },
      h(
        "nav",
        { "aria-label": "Routes" },
        h("p", null, h("a", { href: "/" }, "goTalk"), " ", h("a", { href: "/openapi.json" }, "openapi.json")),
        tags.map((tag) => [
          h("h2", null, tag.name),
          h(
            "ul",
            null,
            tag.routes.map(({ operationId, summary }) => h("li", null, h("a", { href: `#${operationId}` }, summary))),
          ),
        ]),
      ),
      h(
        "main",
        null,
        h("h1", null, `${info.title} API `, h("span", { class: "soft" }, info.version)),
        prose(info.description),
        prose(
          `**Tokens.** ${Object.values(components.securitySchemes)
            .map(({ description }) => description)
            .join("\n\n")}`,
        ),
        tags.map((tag) => [
          h("h2", null, tag.name),
          prose(tag.description),
          tag.routes.map((each) => operation(document, each)),
        ]),
      ),
    ),
  );
}
