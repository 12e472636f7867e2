/** Bytes that are not shared between threads. WebCrypto takes no others. */
export type Bytes = Uint8Array<ArrayBuffer>;

/**
 * Where a browser loses memory: what is transferred to a closed port is gone at once. `ArrayBuffer.transfer` would not do: Chromium
 * keeps the memory until the garbage collector runs.
 */
function openDrain(): MessagePort {
  const { port1, port2 } = new MessageChannel();
  port2.close();
  return port1;
}

const drain = globalThis.process === undefined ? openDrain() : undefined;

/**
 * Frees the memory of bytes that nobody needs any more. The garbage collector would wait until a file of 25 MB is there four
 * times. Node 20 has no way but to wait.
 */
export function free({ buffer }: Bytes): void {
  if (drain === undefined) buffer.transfer?.(0);
  else drain.postMessage(undefined, [buffer]);
}
