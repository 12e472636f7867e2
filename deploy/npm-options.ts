/** What the operator's commands take. npm itself has no options of these names. */
const OPTIONS = ["stage", "region", "delete-data", "count", "days"];

/**
 * npm keeps options for itself unless a `--` stands before them: `npm run remove --stage=prod` would take away the stage
 * `dev`.
 *
 * https://docs.npmjs.com/cli/using-npm/config#environment-variables
 *
 * @returns What is wrong and what to do; nothing if all is well.
 */
export function problemWithNpm(environment: Readonly<Record<string, string | undefined>>): string | undefined {
  const kept = OPTIONS.find((name) => environment[`npm_config_${name.replaceAll("-", "_")}`]);
  if (kept === undefined) return undefined;
  const script = environment["npm_lifecycle_event"] ?? "SCRIPT";
  return `npm has kept --${kept} for itself, and nothing was done. Write -- before the options: npm run ${script} -- --${kept} ...`;
}
