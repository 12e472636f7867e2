/** A value of a template: JSON in which some objects are functions of CloudFormation. */
export type TemplateValue = string | number | boolean | null | readonly TemplateValue[] | TemplateObject;

interface TemplateObject {
  readonly [name: string]: TemplateValue;
}

/** What CloudFormation puts in. */
export interface Facts {
  /** By what `Ref` and `Fn::Sub` name: resources by their logical ids, and AWS's own such as `AWS::Region`. */
  readonly refs: Readonly<Record<string, string>>;
  /** By what `Fn::GetAtt` and `Fn::Sub` name, with a dot in it. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly conditions: Readonly<Record<string, boolean>>;
}

/** What stands for "leave this out". */
const NO_VALUE = Symbol("AWS::NoValue");

/**
 * Works out a part of a template as CloudFormation does, for the functions that goTalk's bucket policies use.
 *
 * @throws {Error} It refers to something that is not known.
 */
export function resolved(value: TemplateValue, facts: Facts): unknown {
  if (isList(value)) return value.map((entry) => resolved(entry, facts)).filter((entry) => entry !== NO_VALUE);
  if (typeof value !== "object" || value === null) return value;
  const [[name, operand = null] = ["", null], ...others] = Object.entries(value);
  const compute = others.length === 0 ? FUNCTIONS[name] : undefined;
  if (compute !== undefined) return compute(operand, facts);
  const entries = Object.entries(value).map(([key, entry]) => [key, resolved(entry, facts)] as const);
  return Object.fromEntries(entries.filter(([, entry]) => entry !== NO_VALUE));
}

const isList = (value: TemplateValue): value is readonly TemplateValue[] => Array.isArray(value);

const listOf = (value: TemplateValue): readonly TemplateValue[] => (isList(value) ? value : []);

const FUNCTIONS: Readonly<Record<string, (operand: TemplateValue, facts: Facts) => unknown>> = {
  Ref: (name, { refs }) => (name === "AWS::NoValue" ? NO_VALUE : known(refs, String(name))),
  "Fn::GetAtt": (path, { attributes }) => known(attributes, listOf(path).join(".")),
  "Fn::Sub": (text, { refs, attributes }) =>
    String(text).replaceAll(/\$\{([^}]+)\}/g, (_, name: string) => known({ ...refs, ...attributes }, name)),
  "Fn::Join": (operand, facts) => {
    const [separator = "", parts = []] = listOf(operand);
    return listOf(parts)
      .map((part) => resolved(part, facts))
      .join(String(separator));
  },
  "Fn::If": (operand, facts) => {
    const [condition, yes = null, no = null] = listOf(operand);
    return resolved(known(facts.conditions, String(condition)) ? yes : no, facts);
  },
};

function known<T>(values: Readonly<Record<string, T>>, name: string): T {
  const value = values[name];
  if (value === undefined) throw new Error(`The template refers to ${name}, which is not known here.`);
  return value;
}
