import { type Call, type Reply, xml } from "./stand-in.ts";

const refusal = (code: string, message: string): Reply =>
  xml(
    `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
    400,
  );

const result = (action: string, content = ""): Reply =>
  xml(`<${action}Response><${action}Result>${content}</${action}Result></${action}Response>`);

/**
 * No engine of CloudFormation runs locally: this one knows one stack at most, and answers as AWS does. It deletes stacks, and
 * makes none.
 */
export class Stacks {
  /** Of the stack; undefined when there is none. */
  outputs: Readonly<Record<string, string>> | undefined;
  /** The change sets that it was asked for. */
  readonly changeSets: URLSearchParams[] = [];

  /** Whether somebody who speaks to CloudFormation speaks so. */
  static takes({ headers }: Call): boolean {
    return String(headers["authorization"]).includes("/cloudformation/aws4_request");
  }

  answer({ body }: Call): Reply {
    const parameters = new URLSearchParams(body.toString());
    const [action, name] = [parameters.get("Action") ?? "", parameters.get("StackName")];
    switch (action) {
      case "CreateChangeSet":
        this.changeSets.push(parameters);
        return refusal("AccessDenied", "This account makes no stacks.");
      case "DeleteStack":
        // That there is none is no error to it.
        this.outputs = undefined;
        return result(action);
      case "DescribeStacks":
        if (this.outputs === undefined) return refusal("ValidationError", `Stack with id ${name} does not exist`);
        return result(action, `<Stacks><member><StackName>${name}</StackName>${this.#listed()}</member></Stacks>`);
      case "DescribeStackResource":
        if (this.outputs === undefined) return refusal("ValidationError", `Stack '${name}' does not exist`);
        return result(
          action,
          "<StackResourceDetail><PhysicalResourceId>deployments</PhysicalResourceId></StackResourceDetail>",
        );
      case "DescribeStackEvents":
        if (this.outputs === undefined) return refusal("ValidationError", `Stack [${name}] does not exist`);
        return result(action, "<StackEvents/>");
      default:
        return refusal("InvalidAction", action);
    }
  }

  #listed(): string {
    const outputs = Object.entries(this.outputs ?? {}).map(
      ([key, value]) => `<member><OutputKey>${key}</OutputKey><OutputValue>${value}</OutputValue></member>`,
    );
    return `<Outputs>${outputs.join("")}</Outputs>`;
  }
}
