import { LIMITS } from "../../lib/contract/limits.ts";
import type { MadeFunctions } from "../support/functions.ts";
import { startManagement } from "../support/management.ts";
import { type FrameTally, fireFrames } from "./frames.ts";
import { rightsOf, type World } from "./world.ts";

/** The WebSocket's function under fire. */
export interface LiveEntry {
  /** Where its connections are managed. */
  readonly liveEndpoint: string;
  /** @param functions Made after this was started, with its `liveEndpoint`. */
  fire(
    functions: MadeFunctions,
    world: World,
    options: { readonly runs: number; readonly seed: number },
  ): Promise<FrameTally>;
  stop(): Promise<void>;
}

export async function startLiveEntry(): Promise<LiveEntry> {
  const management = await startManagement();
  // A fuzzer proves itself more often than any user may.
  Object.assign(LIMITS.live, { proofs: { burst: 1e9, perSecond: 1e6, kept: 1 } });
  return {
    liveEndpoint: management.endpoint,
    fire: (functions, world, options) => {
      const { handler, services } = functions.makeLive();
      const { connections } = services;
      return fireFrames({ handler, connections, management, rights: rightsOf(world, () => world.bob) }, options);
    },
    stop: () => management.close(),
  };
}
