import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { startEngine, type TestEngine } from "../support/engines.ts";
import { eventsApi, functionOf, invoke } from "../support/events.ts";
import { type MadeFunctions, makeFunctions } from "../support/functions.ts";
import { useSeed } from "../support/seed.ts";
import { fire } from "./fire.ts";
import { type LiveEntry, startLiveEntry } from "./live.ts";
import { targets } from "./targets.ts";
import { newWorld, SETTINGS, type World } from "./world.ts";

/** There is no such name, whatever it is: nobody is asked. */
const nowhere = async (): Promise<never> => {
  throw Object.assign(new Error("there is no such name"), { code: "ENOTFOUND" });
};

/** Fires so many inputs at each route and at the WebSocket, as Lambda events. */
export const fuzzEvents = (runs: number): unknown =>
  describe(`${runs} fuzzed events for each`, () => {
    const seed = useSeed();
    let engine: TestEngine;
    let functions: MadeFunctions;
    let world: World;
    let live: LiveEntry;

    beforeAll(async () => {
      engine = await startEngine();
      live = await startLiveEntry();
      functions = await makeFunctions(engine, {
        liveEndpoint: live.liveEndpoint,
        push: { resolve: nowhere },
        settings: SETTINGS,
      });
      world = await newWorld(eventsApi(functions));
    });
    afterAll(async () => {
      await live?.stop();
      await engine?.stop();
    });
    beforeEach(() => {
      for (const level of ["info", "warn", "error"] as const) vi.spyOn(console, level).mockImplementation(() => {});
    });
    afterEach(() => {
      vi.restoreAllMocks();
    });

    it.each(targets)("$name answers each, takes some and stores them exactly, and logs nothing", async (target) => {
      const deliver = (event: Parameters<typeof functionOf>[0]) => invoke(functions[functionOf(event)], event);
      const tally = await fire(target, world, { runs, seed, deliver });
      for (const level of ["info", "warn", "error"] as const) expect(console[level]).not.toHaveBeenCalled();
      expect(Object.keys(tally).length).toBeGreaterThan(1);
    });

    it("the WebSocket answers each frame, holds who is proven, closes the others, and logs nothing", async () => {
      const tally = await live.fire(functions, world, { runs, seed });
      for (const level of ["info", "warn", "error"] as const) expect(console[level]).not.toHaveBeenCalled();
      expect(Object.keys(tally)).toEqual(
        expect.arrayContaining(["ready", "pong", "typing", "dropped", "invalid_request", "invalid_token"]),
      );
    });
  });
