import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import type { Key } from "./account-keys.ts";
import type { Database } from "./database.ts";

/**
 * The table `accounts`, as its stores are given it. What they do with it are functions, each in a file of its own and not
 * methods of a class: a bundle contains only those that its stores import, and the role of a Lambda function grants no
 * more than its bundle contains (tests/deploy/needs.ts).
 */
export interface AccountsTable {
  readonly database: Database;
  readonly name: string;
}

/** A record as it is stored: its key, and attributes that older versions may not have written. */
export type Stored<Attributes> = Key & Partial<Attributes>;

/**
 * Whether the record exists and has not expired. DynamoDB deletes expired records late, so that they are still found.
 *
 * @param now Milliseconds since the epoch.
 */
export const isCurrent = <Found extends { readonly expiresAt?: number }>(
  found: Found | undefined,
  now: number,
): found is Found => (found?.expiresAt ?? 0) > now / 1_000;

/** A key or a record as DynamoDB takes it. Attributes that are `undefined` are left out. */
export const toItem = (record: object): Record<string, AttributeValue> =>
  marshall(record, { removeUndefinedValues: true });

/** The inverse of {@link toItem}. */
export const toRecord = <Attributes>(item: Record<string, AttributeValue>): Stored<Attributes> =>
  unmarshall(item) as Stored<Attributes>;

/** What a write does, and under which condition. */
interface Expressions {
  readonly update?: string;
  readonly condition?: string;
  /** What stands for `:name` in the expressions. One that is `undefined` is left out. */
  readonly values?: Readonly<Record<string, unknown>>;
  /** What stands for `#name` in them, where that is not the attribute `name`. */
  readonly names?: Readonly<Record<string, string>>;
}

/** A condition of a write. `#name` in it stands for the attribute `name`, where DynamoDB reserves the word. */
export type Condition = Omit<Expressions, "update"> & Required<Pick<Expressions, "condition">>;

/** A conditional update. */
export type Change = Expressions & Required<Pick<Expressions, "update" | "condition">>;

/** The expressions of a write, as DynamoDB takes them. */
export function expressionsOf({ update, condition, values = {}, names: given = {} }: Expressions) {
  const names = new Set(`${update} ${condition}`.match(/#\w+/g));
  const attributeValues = toItem(
    Object.fromEntries(Object.entries(values).map(([name, value]) => [`:${name}`, value])),
  );
  return {
    ...(update !== undefined && { UpdateExpression: update }),
    ...(condition !== undefined && { ConditionExpression: condition }),
    ...(names.size > 0 && {
      ExpressionAttributeNames: Object.fromEntries([...names].map((name) => [name, given[name] ?? name.slice(1)])),
    }),
    ...(Object.keys(attributeValues).length > 0 && { ExpressionAttributeValues: attributeValues }),
  };
}
