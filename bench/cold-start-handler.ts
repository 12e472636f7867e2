import type { Handler } from "../lib/http/http.ts";

/** A fresh process: loads a function's bundle, lets it answer one event, and tells when it did. */
const [, , path = "", event = ""] = process.argv;
const { handler } = (await import(path)) as { handler: Handler };
const { statusCode = 0 } = await handler(JSON.parse(event), { awsRequestId: "cold" } as Parameters<Handler>[1]);
process.send?.({ time: performance.now(), ok: statusCode < 300 });
process.disconnect?.();
