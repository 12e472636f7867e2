import { fuzzRequests } from "./fuzzed-requests.ts";

fuzzRequests(60);
