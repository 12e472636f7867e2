import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** In a process of its own, for `connections.ts`: every connection is there, and takes what it is told. */
const server = createServer((request, response) => {
  request.resume();
  request.on("end", () => response.writeHead(200).end());
});
server.listen(0, "127.0.0.1", () => {
  process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
process.once("disconnect", () => process.exit());
