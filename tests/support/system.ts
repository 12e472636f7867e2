import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { UNBOUNDED } from "./bounds.ts";
import { launchDynoxide, type RunningEngine } from "./dynoxide.ts";
import { temporaryFolder } from "./folders.ts";
import { freePort } from "./ports.ts";
import { launchStack, type Stack, startStack } from "./stack.ts";

/** Patience for a machine that has other things to do. */
const START_MS = 300_000;

/** Nothing of the system's own bounds is what is tried here. */
const BOUNDS = { ...UNBOUNDED, CHANNEL_MESSAGES: "1000000000" };

/** The whole of goTalk, with its database, at one address over all its lives. */
export class System {
  readonly #data: string;
  readonly #enginePort: number | undefined;
  readonly #stackPort: number;
  #engine: RunningEngine | undefined;
  #stack: Stack | undefined;

  private constructor(data: string, stackPort: number, enginePort: number | undefined) {
    this.#data = data;
    this.#stackPort = stackPort;
    this.#enginePort = enginePort;
  }

  /** @param engine `dynalite`: the embedded one; `dynoxide`: a process of its own. */
  static async start(engine: string): Promise<System> {
    const enginePort = engine === "dynoxide" ? await freePort() : undefined;
    const system = new System(temporaryFolder(), await freePort(), enginePort);
    await system.start();
    return system;
  }

  get port(): number {
    return this.#stackPort;
  }

  /** Past every proxy. */
  get url(): string {
    return `http://localhost:${this.#stackPort}`;
  }

  async start(): Promise<void> {
    const env = await this.#startEngine();
    this.#stack = await startStack({ data: this.#data, port: this.#stackPort, env, patience: START_MS });
  }

  /** `kill -9` of everything. */
  async kill(): Promise<void> {
    await Promise.all([this.#stack?.kill(), this.#engine?.stop()]);
  }

  /** `kill -9` of everything, in the middle of a start. */
  async killWhileStarting(milliseconds: number): Promise<void> {
    const env = await this.#startEngine();
    const stack = launchStack(this.#data, this.#stackPort, env);
    await sleep(milliseconds);
    await Promise.all([stack.kill(), this.#engine?.stop()]);
  }

  async #startEngine(): Promise<NodeJS.ProcessEnv> {
    if (this.#enginePort === undefined) return BOUNDS;
    this.#engine = await launchDynoxide(this.#enginePort, join(this.#data, "dynoxide.db"));
    return { ...BOUNDS, AWS_ENDPOINT_URL_DYNAMODB: this.#engine.endpoint };
  }
}
