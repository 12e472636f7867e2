import { testInterleavings } from "./interleavings.ts";

testInterleavings(10_000);
