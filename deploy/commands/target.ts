import { problemWithNpm } from "../npm-options.ts";
import { accountOf, deploymentTarget, localTarget } from "../target.ts";

/**
 * Prints which deployment a command is about to work on, before it does anything. It goes to stderr: stdout is for what the
 * command was asked for.
 *
 * @throws {Error} AWS does not take the credentials.
 */
export async function nameDeployment(stage: string, region: string): Promise<void> {
  const endpoint = process.env["AWS_ENDPOINT_URL_DYNAMODB"] ?? "";
  const isAws = endpoint === "" || endpoint.includes(".amazonaws.com");
  console.error(deploymentTarget({ stage, region }, isAws ? await accountOf({ region }) : endpoint));
}

/**
 * Prints that a command is about to work on this machine.
 *
 * @param endpoint The URL of the engine that has the data, where it is not in the folder.
 */
export function nameThisMachine(folder: string, endpoint = ""): void {
  console.error(localTarget(endpoint ? `the database at ${endpoint}` : `the data in ${folder}`));
}

/** @throws {Error} npm has kept an option for itself that says what the command works on. */
export function requireOwnOptions(): void {
  const problem = problemWithNpm(process.env);
  if (problem !== undefined) throw new Error(problem);
}
