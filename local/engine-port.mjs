// Lets the thread of a function ask the engine, which is in the main thread, by a port. Over HTTP a
// message takes a fifth more processor time. Plain JavaScript, as function-thread.mjs.
import { EventEmitter } from "node:events";
import http from "node:http";
import { Readable } from "node:stream";

/** Stands for a connection. The SDK sees that it is there, and sets options on it, which mean nothing here. */
const CONNECTED = { connecting: false, setKeepAlive: () => {}, setTimeout: () => {}, removeListener: () => {} };

/** Requests that have not been answered, by their ids. */
const open = new Map();
let ids = 0;

/** Sends each `http.request` of this thread for `endpoint` through the port. All others go over HTTP. */
export function askByPort({ endpoint, port }) {
  const { hostname, port: number } = new URL(endpoint);
  const overHttp = http.request;
  http.request = (options, ...rest) =>
    options.host === hostname && String(options.port) === number
      ? new PortRequest(port, options, ...rest)
      : overHttp(options, ...rest);
  port.on("message", ({ id, reply }) => open.get(id)?.answer(reply)).unref();
}

/** As much of `http.ClientRequest` as the SDK's `NodeHttpHandler` uses. */
class PortRequest extends EventEmitter {
  socket = CONNECTED;
  #id = ids++;
  #port;
  #request;

  constructor(port, { method, path, headers }, onResponse) {
    super();
    this.#port = port;
    this.#request = { method, path, headers };
    this.once("response", onResponse);
    open.set(this.#id, this);
  }

  end(body = "") {
    this.#port.postMessage({ id: this.#id, request: { ...this.#request, body: String(body) } });
  }

  /** The engine may still carry out the request, as it may when a connection is cut. */
  destroy(error = failure("ECONNRESET")) {
    if (!open.delete(this.#id)) return;
    process.nextTick(() => {
      this.emit("error", error);
      this.emit("close");
    });
  }

  /** @param reply Without one the engine has been stopped. */
  answer(reply) {
    if (reply === undefined) return this.destroy(failure("ECONNREFUSED"));
    open.delete(this.#id);
    const { status: statusCode, headers, body } = reply;
    const response = Object.assign(new Readable({ read: () => {} }), { statusCode, headers });
    response.push(body);
    response.push(null);
    this.emit("response", response);
    this.emit("close");
  }
}

const failure = (code) => Object.assign(new Error(`the engine: ${code}`), { code });
