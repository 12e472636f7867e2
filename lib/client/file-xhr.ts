import type { StoreAnswer } from "./file-store.ts";

/** A request that `fetch` could make as well, but without telling how far it is, and with more copies in memory. */
interface XhrRequest {
  readonly method: "GET" | "PUT";
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Blob;
  readonly signal: AbortSignal;
  /** Called before it is sent. */
  readonly watch: (request: XMLHttpRequest) => void;
}

/** Whether there is an `XMLHttpRequest`. Node has none, nor has a service worker. */
export const hasXhr = (): boolean => globalThis.XMLHttpRequest !== undefined;

/** Makes a request. @returns it, when it is answered: its `response` is an `ArrayBuffer` */
export function byXhr({ method, url, headers = {}, body, signal, watch }: XhrRequest): Promise<XMLHttpRequest> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(method, url);
    request.responseType = "arraybuffer";
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.onload = () => resolve(request);
    request.onerror = () => reject(new TypeError("The connection was cut off"));
    request.onabort = () => reject(signal.reason);
    signal.addEventListener("abort", () => request.abort());
    watch(request);
    request.send(body ?? null);
  });
}

/** An answer that is no file. */
export const answerOf = (request: XMLHttpRequest): StoreAnswer => ({
  status: request.status,
  text: new TextDecoder().decode(request.response as ArrayBuffer),
  retryAfter: request.getResponseHeader("retry-after"),
});
