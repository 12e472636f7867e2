/** A resource of a template, as far as this file looks into it. */
export interface Dependent {
  DependsOn?: string | string[];
  readonly Properties?: unknown;
}

/**
 * Drops each `DependsOn` that says again what the resource's properties say: CloudFormation makes a resource after all that
 * it refers to. The framework writes many of them, and linters warn of each.
 *
 * A reference inside an `Fn::If` does not count: whether it holds depends on the condition.
 */
export function dropImpliedDependencies(resources: Record<string, Dependent>): void {
  for (const resource of Object.values(resources)) {
    const { DependsOn } = resource;
    if (DependsOn === undefined) continue;
    const implied = new Set(referencesIn(resource.Properties));
    const left = [DependsOn].flat().filter((id) => !implied.has(id));
    if (left.length === 0) delete resource.DependsOn;
    else resource.DependsOn = left;
  }
}

function referencesIn(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  if (Array.isArray(value)) return value.flatMap(referencesIn);
  return Object.entries(value).flatMap(([name, operand]) => {
    if (name === "Ref") return [String(operand)];
    if (name === "Fn::GetAtt") return [String([operand].flat()[0]).split(".")[0] ?? ""];
    if (name === "Fn::Sub") return namesIn([operand].flat()[0]);
    return name === "Fn::If" ? [] : referencesIn(operand);
  });
}

/** What a text of `Fn::Sub` names: `${Api}` and `${Bucket.Arn}`. */
const namesIn = (text: unknown): string[] =>
  [...String(text).matchAll(/\$\{(\w+)[^}]*\}/g)].map(([, name = ""]) => name);
