import type { Json, Resource, Template } from "./packaged.ts";

/** Which conditions hold, with the parameters as they are when nobody says otherwise. */
export function conditionsOf({ Parameters, Conditions }: Template): Record<string, boolean> {
  const value = (operand: Json): unknown => (operand.Ref ? Parameters[operand.Ref]?.Default : operand);
  const holds = (condition: Json): boolean => {
    const [[name, operands] = []] = Object.entries<Json>(condition);
    if (name === "Condition") return holds(Conditions[operands]);
    if (name === "Fn::Equals") return value(operands[0]) === value(operands[1]);
    if (name === "Fn::Not") return !holds(operands[0]);
    if (name === "Fn::Or") return operands.some(holds);
    if (name === "Fn::And") return operands.every(holds);
    throw new Error(`no condition is ${name}`);
  };
  return Object.fromEntries(Object.entries(Conditions).map(([name, condition]) => [name, holds(condition)]));
}

/** A template without conditions: what CloudFormation makes of it. */
export interface Made {
  readonly resources: Readonly<Record<string, Resource>>;
  readonly outputs: Readonly<Record<string, Json>>;
}

const NOTHING = Symbol("AWS::NoValue");

/** Leaves out what has a condition that does not hold, and takes of each `Fn::If` the side that does. */
export function made(template: Template): Made {
  const conditions = conditionsOf(template);
  const chosen = (value: Json): Json => {
    if (Array.isArray(value)) return value.map(chosen).filter((entry) => entry !== NOTHING);
    if (typeof value !== "object" || value === null) return value;
    if (value.Ref === "AWS::NoValue") return NOTHING;
    const [condition, yes, no] = value["Fn::If"] ?? [];
    if (condition !== undefined) return chosen(conditions[condition] ? yes : no);
    const entries = Object.entries(value).map(([name, entry]) => [name, chosen(entry)]);
    return Object.fromEntries(entries.filter(([, entry]) => entry !== NOTHING));
  };
  const kept = <T extends { readonly Condition?: string }>(entries: Readonly<Record<string, T>>): Record<string, T> =>
    Object.fromEntries(
      Object.entries(entries)
        .filter(([, { Condition }]) => Condition === undefined || conditions[Condition])
        .map(([id, entry]) => [id, chosen(entry)]),
    );
  return { resources: kept(template.Resources), outputs: kept(template.Outputs) };
}

/** The logical ids that something refers to. */
export function referencesIn(value: Json): string[] {
  if (typeof value !== "object" || value === null) return [];
  if (Array.isArray(value)) return value.flatMap(referencesIn);
  return Object.entries<Json>(value).flatMap(([name, operand]) => {
    if (name === "Ref") return [operand];
    if (name === "Fn::GetAtt") return [operand[0]];
    if (name === "Fn::Sub") return [...operand.matchAll(/\$\{([\w:]+)[^}]*\}/g)].map(([, id]) => id);
    if (name === "DependsOn") return [operand].flat();
    return referencesIn(operand);
  });
}
