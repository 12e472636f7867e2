import { LIMITS } from "../../lib/contract/limits.ts";
import { startManagement } from "../support/management.ts";
import { type FrameTally, fireFrames } from "./frames.ts";
import { rightsOf, type World } from "./world.ts";

/** The WebSocket's function under fire. */
export interface LiveEntry {
  /** @param world Of functions that were loaded after this was started. */
  fire(world: World, options: { readonly runs: number; readonly seed: number }): Promise<FrameTally>;
  stop(): Promise<void>;
}

/** To be started before the functions are loaded: they read from the environment where connections are managed. */
export async function startLiveEntry(): Promise<LiveEntry> {
  const management = await startManagement();
  // A fuzzer proves itself more often than any user may.
  Object.assign(LIMITS.live, { proofs: { burst: 1e9, perSecond: 1e6, kept: 1 } });
  Object.assign(process.env, { LIVE_ENDPOINT: management.endpoint, AWS_LAMBDA_FUNCTION_NAME: "gotalk-test-live" });
  return {
    fire: async (world, options) => {
      const { handler } = await import("../../functions/live.ts");
      const { connections } = await import("../../lib/services/live-services.ts");
      return fireFrames({ handler, connections, management, rights: rightsOf(world, () => world.bob) }, options);
    },
    stop: () => management.close(),
  };
}
