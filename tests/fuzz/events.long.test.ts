import { fuzzEvents } from "./fuzzed-events.ts";

fuzzEvents(600);
