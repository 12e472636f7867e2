/** What somebody at a terminal can do about an error of a deployment's table. */
export function explained(error: unknown, table: string, region: string): unknown {
  if (!(error instanceof Error)) return error;
  if (error.name === "ResourceNotFoundException") {
    return new Error(`there is no table ${table} in ${region}. Is the stage deployed there?`);
  }
  if (error.name === "CredentialsProviderError") return new Error("there are no AWS credentials. Log in to AWS first.");
  return error;
}
