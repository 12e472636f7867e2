import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

/** Stands before a DynamoDB engine, and writes down what is asked of it. */
export interface Recorder {
  readonly endpoint: string;
  /** What was asked, each `GetItem gotalk-dev-accounts user#…` once: of the table `accounts` with the partition. */
  readonly asked: ReadonlySet<string>;
  stop(): void;
}

export async function startRecorder(engine: string): Promise<Recorder> {
  const asked = new Set<string>();
  const server = createServer(async (request, response) => {
    const body = await text(request);
    const { host: _, connection: __, "content-length": ___, ...headers } = request.headers;
    const operation = String(headers["x-amz-target"]).split(".")[1];
    const { TableName, RequestItems = {}, Key, Item, ExpressionAttributeValues: values } = JSON.parse(body);
    const note = (table: string, owner?: { S: string }) =>
      asked.add([operation, table, ...(owner ? [owner.S] : [])].join(" "));
    if (TableName) note(TableName, (Key ?? Item)?.owner ?? values?.[":owner"]);
    for (const [table, { Keys = [{}] }] of Object.entries<{ Keys?: { owner?: { S: string } }[] }>(RequestItems)) {
      for (const { owner } of Keys) note(table, owner);
    }
    const answer = await fetch(engine, { method: "POST", headers: headers as Record<string, string>, body });
    response.writeHead(answer.status, Object.fromEntries(answer.headers));
    response.end(Buffer.from(await answer.arrayBuffer()));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
