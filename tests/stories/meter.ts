import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/** What DynamoDB was asked to do, and what it would charge. */
export interface Usage {
  readonly calls: number;
  readonly readUnits: number;
  readonly writeUnits: number;
}

/** A DynamoDB endpoint that passes everything on to an engine, and counts. */
export interface Meter {
  readonly endpoint: string;
  /** What has been used so far. */
  usage(): Usage;
  close(): Promise<void>;
}

/** Starts a meter in front of an engine. */
export async function startMeter(engine: string): Promise<Meter> {
  let usage: Usage = { calls: 0, readUnits: 0, writeUnits: 0 };
  const server = createServer(async (request, response) => {
    const operation = String(request.headers["x-amz-target"]).replace(/^.*\./, "");
    const answer = await fetch(engine, {
      method: "POST",
      headers: forwardable(request.headers),
      body: JSON.stringify({ ...(await read(request)), ...(isData(operation) && { ReturnConsumedCapacity: "TOTAL" }) }),
    });
    const text = await answer.text();
    usage = add(usage, operation, JSON.parse(text));
    response.writeHead(answer.status, { "content-type": "application/x-amz-json-1.0" }).end(text);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    usage: () => usage,
    async close() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

const isData = (operation: string): boolean => /Item$|^Query$/.test(operation);
const isRead = (operation: string): boolean => /Get|Query/.test(operation);

const forwardable = ({ authorization = "", ...headers }: IncomingHttpHeaders): Record<string, string> => ({
  authorization,
  "content-type": "application/x-amz-json-1.0",
  "x-amz-date": String(headers["x-amz-date"]),
  "x-amz-target": String(headers["x-amz-target"]),
});

async function read(request: IncomingMessage): Promise<object> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString());
}

interface Charged {
  readonly ConsumedCapacity?: { readonly CapacityUnits: number } | readonly { readonly CapacityUnits: number }[];
}

function add(usage: Usage, operation: string, { ConsumedCapacity = [] }: Charged): Usage {
  const units = [ConsumedCapacity].flat().reduce((sum, { CapacityUnits }) => sum + CapacityUnits, 0);
  return {
    calls: usage.calls + 1,
    readUnits: usage.readUnits + (isRead(operation) ? units : 0),
    writeUnits: usage.writeUnits + (isRead(operation) ? 0 : units),
  };
}
