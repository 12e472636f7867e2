import * as z from "zod/mini";
import { FIELDS } from "./fields.ts";
import type { JsonSchema } from "./json-schema.ts";

/**
 * The JSON Schema of what a zod schema takes, or of what it gives.
 *
 * What stands in {@link FIELDS} is added to each property by its name, unless its schema has a description of its own. Members that are not named are allowed: the API
 * ignores those of a request, and clients are to ignore those of an answer.
 */
export function schemaOf(schema: z.ZodMiniType, io: "input" | "output" = "input"): JsonSchema {
  const { $schema: _, ...made } = z.toJSONSchema(schema, {
    io,
    override: ({ zodSchema, jsonSchema }) => {
      Object.assign(jsonSchema, withoutFlags(zodSchema));
    },
  }) as JsonSchema;
  return describe(made);
}

/** JSON Schema's patterns know no flags: what ignores case is written out. */
function withoutFlags({ _zod: { def } }: z.core.$ZodTypes): JsonSchema {
  for (const { _zod: check } of def.checks ?? []) {
    const { pattern } = check.def as { pattern?: unknown };
    if (pattern instanceof RegExp && pattern.ignoreCase) {
      return {
        pattern: pattern.source.replaceAll("a-z", "A-Za-z").replaceAll("a-f", "A-Fa-f").replaceAll("89ab", "89ABab"),
      };
    }
  }
  return {};
}

function describe({ additionalProperties: _, properties, items, ...rest }: JsonSchema): JsonSchema {
  return {
    ...rest,
    ...(items !== undefined && { items: describe(items as JsonSchema) }),
    ...(properties !== undefined && {
      properties: Object.fromEntries(
        Object.entries(properties as Record<string, JsonSchema>).map(([name, schema]) => [
          name,
          property(name, schema),
        ]),
      ),
    }),
  };
}

function property(name: string, schema: JsonSchema): JsonSchema {
  const words = "description" in schema ? {} : FIELDS[name];
  const { anyOf, ...described } = { ...describe(schema), ...words };
  // A union stays one only if nothing simpler is said of it.
  return anyOf === undefined || "type" in described ? described : { anyOf, ...described };
}
