import type { AttributeValue } from "@aws-sdk/client-dynamodb";

export type Item = Record<string, AttributeValue>;

/** What stands for `#name` and `:name` in expressions. */
export interface Substitutes {
  readonly ExpressionAttributeNames?: Record<string, string> | undefined;
  readonly ExpressionAttributeValues?: Record<string, AttributeValue> | undefined;
}

type Test = (item: Item, substitutes: Substitutes) => boolean;
type Operand = (item: Item, substitutes: Substitutes) => AttributeValue | undefined;

const TOKEN = /\s*(<=|[(),=>]|[#:]?\w+(?:\.[#:]?\w+)*)/y;

const tokensOf = (text: string): string[] => {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  for (let match = TOKEN.exec(text); match !== null; match = TOKEN.exec(text)) tokens.push(match[1] ?? "");
  if (tokens.join("") !== text.replace(/\s+/g, "")) throw new Error(`an expression that is not understood: ${text}`);
  return tokens;
};

/** As far as goTalk's conditions go: `AND`, `OR`, parentheses, four comparisons and functions of one or two operands. */
class Parser {
  readonly #tokens: string[];

  constructor(text: string) {
    this.#tokens = tokensOf(text);
  }

  whole(): Test {
    const test = this.#either();
    if (this.#tokens.length > 0) throw new Error(`left over: ${this.#tokens}`);
    return test;
  }

  #either(): Test {
    const one = this.#both();
    if (!this.#takes("OR")) return one;
    const other = this.#either();
    return (item, substitutes) => one(item, substitutes) || other(item, substitutes);
  }

  #both(): Test {
    const one = this.#single();
    if (!this.#takes("AND")) return one;
    const other = this.#both();
    return (item, substitutes) => one(item, substitutes) && other(item, substitutes);
  }

  #single(): Test {
    if (this.#takes("(")) {
      const inner = this.#either();
      this.#demand(")");
      return inner;
    }
    const first = this.#tokens.shift() ?? "";
    return this.#takes("(") ? this.#function(first) : this.#comparison(operandOf(first));
  }

  #function(name: string): Test {
    const one = operandOf(this.#tokens.shift() ?? "");
    const other = this.#takes(",") ? operandOf(this.#tokens.shift() ?? "") : undefined;
    this.#demand(")");
    if (name === "attribute_exists") return (item, substitutes) => one(item, substitutes) !== undefined;
    if (name === "attribute_not_exists") return (item, substitutes) => one(item, substitutes) === undefined;
    if (name !== "begins_with" || other === undefined) throw new Error(`there is no function ${name} here`);
    return (item, substitutes) => textOf(one(item, substitutes)).startsWith(textOf(other(item, substitutes)));
  }

  #comparison(one: Operand): Test {
    const operator = this.#tokens.shift();
    const other = operandOf(this.#tokens.shift() ?? "");
    return (item, substitutes) => {
      const [left, right] = [one(item, substitutes), other(item, substitutes)];
      if (left === undefined || right === undefined) return false;
      const order = compare(left, right);
      if (operator === "=") return order === 0;
      if (operator === ">") return order !== undefined && order > 0;
      if (operator === "<=") return order !== undefined && order <= 0;
      throw new Error(`there is no operator ${operator} here`);
    };
  }

  #takes(token: string): boolean {
    if (this.#tokens[0] !== token) return false;
    this.#tokens.shift();
    return true;
  }

  #demand(token: string): void {
    if (!this.#takes(token)) throw new Error(`${token} is missing`);
  }
}

const operandOf = (token: string): Operand =>
  token.startsWith(":")
    ? (_, { ExpressionAttributeValues = {} }) => ExpressionAttributeValues[token]
    : (item, substitutes) => at(item, pathOf(token, substitutes));

/** The names of an attribute: of one in a map, that of the map first. */
const pathOf = (token: string, { ExpressionAttributeNames = {} }: Substitutes): string[] =>
  token.split(".").map((name) => (name.startsWith("#") ? (ExpressionAttributeNames[name] ?? name) : name));

const at = (item: Item, [name = "", ...rest]: readonly string[]): AttributeValue | undefined =>
  rest.length === 0 ? item[name] : at(item[name]?.M ?? {}, rest);

/** The item with another value at the path. @param value `undefined`: with none. */
function withAt(item: Item, [name = "", ...rest]: readonly string[], value: AttributeValue | undefined): Item {
  const inner = item[name]?.M;
  if (rest.length > 0 && inner === undefined) throw new Error(`an update of what is no map: ${name}`);
  const next = inner === undefined || rest.length === 0 ? value : { M: withAt(inner, rest, value) };
  const { [name]: _, ...others } = item;
  return next === undefined ? others : { ...others, [name]: next };
}

const textOf = (value: AttributeValue | undefined): string => value?.S ?? "";

/** `undefined`: of two kinds. */
function compare(one: AttributeValue, other: AttributeValue): number | undefined {
  if (one.N !== undefined && other.N !== undefined) return Number(one.N) - Number(other.N);
  if (one.B !== undefined && other.B !== undefined) return Buffer.compare(one.B, other.B);
  if (one.S === undefined || other.S === undefined) return undefined;
  return one.S < other.S ? -1 : Number(one.S > other.S);
}

const tests = new Map<string, Test>();

/** Whether a condition holds for an item; that a condition is left out holds. */
export function meets(item: Item, condition: string | undefined, substitutes: Substitutes): boolean {
  if (condition === undefined) return true;
  const test = tests.get(condition) ?? new Parser(condition).whole();
  tests.set(condition, test);
  return test(item, substitutes);
}

/** The item after an update of `SET name = :value, ...` and `REMOVE name, ...`; a name may be of an attribute in a map. */
export function updated(item: Item, update: string, substitutes: Substitutes): Item {
  const [set = "", remove = ""] = update.split(/(?:^|\s)REMOVE\s/);
  let next = item;
  for (const assignment of listOf(set.replace(/^SET\s/, ""))) {
    const [name = "", value = ""] = assignment.split("=").map((part) => part.trim());
    const assigned = substitutes.ExpressionAttributeValues?.[value];
    if (assigned === undefined) throw new Error(`an update that is not understood: ${update}`);
    next = withAt(next, pathOf(name, substitutes), assigned);
  }
  for (const name of listOf(remove)) next = withAt(next, pathOf(name, substitutes), undefined);
  return next;
}

const listOf = (text: string): string[] =>
  text
    .split(",")
    .map((part) => part.trim())
    .filter(Boolean);
