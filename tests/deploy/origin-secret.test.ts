import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { deleteOriginSecret, ensureOriginSecret } from "../../deploy/origin-secret.ts";

const NAME = "/gotalk-dev/origin-secret";

/** No engine of Parameter Store runs locally: this one keeps parameters, and answers as AWS documents it. */
class ParameterStore {
  readonly values = new Map<string, { Value: string; Type: string }>();
  #broken = false;
  readonly #server: Server = createServer(async (request, response) => {
    const body = JSON.parse(await text(request));
    const operation = String(request.headers["x-amz-target"]).split(".")[1];
    const error = this.#broken ? "AccessDeniedException" : this.#apply(operation, body);
    response.writeHead(error ? 400 : 200, { "content-type": "application/x-amz-json-1.1" });
    response.end(JSON.stringify(error ? { __type: error, message: "no" } : {}));
  });

  #apply(operation: string | undefined, { Name, Value, Type, Overwrite }: Record<string, string>): string | undefined {
    if (operation === "DeleteParameter") return this.values.delete(Name ?? "") ? undefined : "ParameterNotFound";
    if (this.values.has(Name ?? "") && !Overwrite) return "ParameterAlreadyExists";
    this.values.set(Name ?? "", { Value: Value ?? "", Type: Type ?? "" });
    return undefined;
  }

  async start() {
    await once(this.#server.listen(0, "127.0.0.1"), "listening");
    return {
      endpoint: `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`,
      region: "eu-central-1",
      credentials: { accessKeyId: "local", secretAccessKey: "local" },
    };
  }

  refuse(): void {
    this.#broken = true;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

describe("the secret between CloudFront and the API", () => {
  let store: ParameterStore;
  let config: Awaited<ReturnType<ParameterStore["start"]>>;

  beforeEach(async () => {
    store = new ParameterStore();
    config = await store.start();
  });
  afterEach(() => store.stop());

  it("is random, and made once: the next deployment leaves it as it is", async () => {
    await ensureOriginSecret(NAME, config);
    const made = store.values.get(NAME);
    expect(made).toEqual({ Value: expect.stringMatching(/^[\w-]{43}$/), Type: "String" });
    await ensureOriginSecret(NAME, config);
    expect(store.values.get(NAME)).toEqual(made);
    await ensureOriginSecret("/another", config);
    expect(store.values.get("/another")?.Value).not.toBe(made?.Value);
  });

  it("goes with the stack, also a second time", async () => {
    await ensureOriginSecret(NAME, config);
    await deleteOriginSecret(NAME, config);
    expect(store.values.size).toBe(0);
    await expect(deleteOriginSecret(NAME, config)).resolves.toBeUndefined();
  });

  it("ends the deployment when it cannot be made", async () => {
    store.refuse();
    await expect(ensureOriginSecret(NAME, config)).rejects.toThrow("no");
    await expect(deleteOriginSecret(NAME, config)).rejects.toThrow("no");
  });
});
