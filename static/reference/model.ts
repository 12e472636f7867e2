/** What the reference page reads of the OpenAPI document. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly description?: string;
  readonly examples?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly pattern?: string;
  readonly format?: string;
  readonly const?: unknown;
  readonly default?: unknown;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxItems?: number;
}

export interface Parameter {
  readonly name: string;
  readonly description: string;
  readonly schema: Schema;
}

interface Content {
  readonly schema: Schema;
  readonly examples?: Readonly<Record<string, { readonly value: unknown }>>;
}

export interface Response {
  readonly description: string;
  readonly headers: Readonly<Record<string, Schema>>;
  readonly content?: Readonly<Record<string, Content>>;
}

export interface Operation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description?: string;
  readonly security: readonly Readonly<Record<string, unknown>>[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Content>> };
  readonly responses: Readonly<Record<string, Response>>;
}

export interface Document {
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, Schema>>;
    readonly securitySchemes: Readonly<Record<string, { readonly description: string }>>;
  };
}

/** The schema that a reference names. */
export function resolve(document: Document, schema: Schema): Schema {
  const name = schema.$ref?.split("/").at(-1);
  if (name === undefined) return schema;
  const { $ref: _, ...rest } = schema;
  const known = document.components.schemas[name];
  if (known === undefined) throw new Error(`the document has no schema ${name}`);
  return { ...known, ...rest, properties: merged(known.properties, rest.properties) };
}

const merged = (
  one: Readonly<Record<string, Schema>> = {},
  other: Readonly<Record<string, Schema>> = {},
): Record<string, Schema> =>
  Object.fromEntries(Object.entries(one).map(([name, schema]) => [name, { ...schema, ...other[name] }]));

/** A value as the schema's examples make it. */
export function exampleOf(document: Document, of: Schema): unknown {
  const schema = resolve(document, of);
  if (schema.const !== undefined) return schema.const;
  if (schema.examples?.[0] !== undefined) return schema.examples[0];
  if (schema.items !== undefined) return [exampleOf(document, schema.items)];
  if (schema.properties === undefined) return "…";
  const needed = Object.entries(schema.properties).filter(([name]) => schema.required?.includes(name));
  return Object.fromEntries(needed.map(([name, property]) => [name, exampleOf(document, property)]));
}
