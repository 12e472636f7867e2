import { readdirSync, readFileSync } from "node:fs";

const ROOT = new URL("../../", import.meta.url);

/** The variables that the service takes from the shell: the settings of somebody's own goTalk. */
const settings = new Set(
  ["serverless.yml", ...readdirSync(new URL("deploy", ROOT)).map((name) => `deploy/${name}`)]
    .filter((name) => name.endsWith(".yml"))
    .flatMap((name) =>
      [...readFileSync(new URL(name, ROOT), "utf8").matchAll(/\$\{env:(\w+)/g)].map(([, read]) => read),
    ),
);

/** What else of a shell would change what the tests find: accounts and regions of AWS, proxies, colours, folders. */
const OTHERS = [
  /^AWS_/,
  /^(https?|all|no)_proxy$/i,
  /^(NO_COLOR|FORCE_COLOR|CLICOLOR(_FORCE)?)$/,
  /^(GOTALK|SLS|SERVERLESS|POWERTOOLS)_/,
  /^(XDG_CONFIG_HOME|LIVE_ENDPOINT|TOKEN_KEY)$/,
];

const isForeign = (name: string): boolean => settings.has(name) || OTHERS.some((pattern) => pattern.test(name));

/** Takes out of an environment what is not the tests' own. */
export function clear(environment: NodeJS.ProcessEnv): void {
  for (const name of Object.keys(environment).filter(isForeign)) delete environment[name];
}

/** Before all tests. The processes of the test files inherit what is left. */
export default function ownEnvironment(): void {
  clear(process.env);
}
