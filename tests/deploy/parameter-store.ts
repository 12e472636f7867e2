import { type Call, jsonOperation, type Reply } from "./stand-in.ts";

/** No engine of Parameter Store runs locally: this one keeps parameters, and answers as AWS documents it. */
export class ParameterStore {
  readonly values = new Map<string, { Value: string; Type: string }>();
  /** Whether it refuses everything. */
  isBroken = false;

  answer(call: Call): Reply {
    const error = this.isBroken
      ? "AccessDeniedException"
      : this.#apply(jsonOperation(call), JSON.parse(String(call.body)));
    const body = error ? { __type: error, message: "no" } : {};
    return { status: error ? 400 : 200, type: "application/x-amz-json-1.1", body: JSON.stringify(body) };
  }

  #apply(operation: string | undefined, { Name, Value, Type, Overwrite }: Record<string, string>): string | undefined {
    if (operation === "DeleteParameter") return this.values.delete(Name ?? "") ? undefined : "ParameterNotFound";
    if (this.values.has(Name ?? "") && !Overwrite) return "ParameterAlreadyExists";
    this.values.set(Name ?? "", { Value: Value ?? "", Type: Type ?? "" });
    return undefined;
  }
}
