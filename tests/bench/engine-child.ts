import { once } from "node:events";
import type { AddressInfo } from "node:net";
import dynalite from "dynalite";

/** Runs the embedded engine in memory, tells its endpoint to the parent process, and ends with it. */
const server = dynalite({ createTableMs: 0 });
// DynamoDB keeps an idle connection for long. Node's 5 s would close some just when a busy benchmark uses them again.
server.keepAliveTimeout = 0;
server.listen(0, "127.0.0.1");
await once(server, "listening");
process.on("disconnect", () => process.exit());
process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
