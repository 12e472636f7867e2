import { listenOpenly, startDynalite } from "../../local/engine.ts";

/** Runs the embedded engine in memory, tells its endpoint to the parent process, and ends with it. */
const { endpoint } = await startDynalite(undefined, (server) => {
  // DynamoDB keeps an idle connection for long. Node's 5 s would close some just when a busy benchmark uses them again.
  server.keepAliveTimeout = 0;
  return listenOpenly(server);
});
process.on("disconnect", () => process.exit());
process.send?.(endpoint);
