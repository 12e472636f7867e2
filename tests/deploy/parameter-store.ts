import { type Call, jsonOperation, type Reply } from "./stand-in.ts";

interface Parameter {
  readonly Value: string;
  readonly Type: string;
  readonly Tags: readonly { readonly Key: string; readonly Value: string }[];
}

interface Request extends Partial<Parameter> {
  readonly Name: string;
  readonly Overwrite?: boolean;
}

/** No engine of Parameter Store runs locally: this one keeps parameters, and answers as AWS documents it. */
export class ParameterStore {
  readonly values = new Map<string, Parameter>();
  /** Whether it refuses everything. */
  isBroken = false;

  answer(call: Call): Reply {
    const error = this.isBroken
      ? "AccessDeniedException"
      : this.#apply(jsonOperation(call), JSON.parse(String(call.body)));
    const body = error ? { __type: error, message: "no" } : {};
    return { status: error ? 400 : 200, type: "application/x-amz-json-1.1", body: JSON.stringify(body) };
  }

  #apply(operation: string | undefined, { Name, Overwrite, ...parameter }: Request): string | undefined {
    if (operation === "GetParameter") return this.values.has(Name) ? undefined : "ParameterNotFound";
    if (operation === "DeleteParameter") return this.values.delete(Name) ? undefined : "ParameterNotFound";
    const { Value = "", Type = "", Tags = [] } = parameter;
    // AWS tags no parameter that it may overwrite.
    if (Overwrite && Tags.length > 0) return "ValidationException";
    if (this.values.has(Name) && !Overwrite) return "ParameterAlreadyExists";
    this.values.set(Name, { Value, Type, Tags });
    return undefined;
  }
}
