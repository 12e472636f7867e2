import { testInterleavings } from "./interleavings.ts";

testInterleavings(1_000);
