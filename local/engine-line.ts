import { EventEmitter } from "node:events";
import type { Server } from "node:http";
import { MessageChannel, type MessagePort } from "node:worker_threads";

/** A whole HTTP request. The names of its headers are in lower case. */
interface EngineRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A whole HTTP response. The names of its headers are in lower case. */
interface EngineReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Leads to an engine of this process without the network. */
export interface EngineLine {
  /** Makes a port for another thread. `askByPort` of `engine-port.mjs` uses it there. */
  connect(): MessagePort;
  /** Refuses each later request, as a closed server does, and waits until the engine has answered the earlier ones. */
  close(): Promise<void>;
}

/** Makes a line to the request handlers of a server, which need not listen. */
export function lineTo(server: Server): EngineLine {
  const open = new Set<Promise<EngineReply>>();
  let isClosed = false;
  const answer = async (port: MessagePort, id: number, request: EngineRequest): Promise<void> => {
    if (isClosed) {
      // Without a reply: the other side takes it as a refused connection.
      port.postMessage({ id });
      return;
    }
    const reply = serve(server, request);
    open.add(reply);
    port.postMessage({ id, reply: await reply });
    open.delete(reply);
  };
  return {
    connect: () => {
      const { port1, port2 } = new MessageChannel();
      port1.on("message", ({ id, request }) => void answer(port1, id, request)).unref();
      return port2;
    },
    close: async () => {
      isClosed = true;
      await Promise.all(open);
    },
  };
}

/** Hands a request to the listeners of a server, as much of it as dynalite and `private-server.ts` look at. */
const serve = (server: Server, { method, path, headers, body }: EngineRequest): Promise<EngineReply> =>
  new Promise((resolve) => {
    const incoming = Object.assign(new EventEmitter(), { method, url: path, headers });
    const answered: Record<string, string> = {};
    const outgoing = {
      statusCode: 200,
      setHeader: (name: string, value: unknown) => {
        answered[name.toLowerCase()] = String(value);
      },
      writeHead(status: number) {
        this.statusCode = status;
        return this;
      },
      end(text = "") {
        resolve({ status: this.statusCode, headers: answered, body: text });
      },
    };
    server.emit("request", incoming, outgoing);
    incoming.emit("data", Buffer.from(body));
    incoming.emit("end");
  });
