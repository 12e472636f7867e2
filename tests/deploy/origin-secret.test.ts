import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { deleteOriginSecret, ensureOriginSecret } from "../../deploy/origin-secret.ts";
import { ParameterStore } from "./parameter-store.ts";
import { type StandIn, startStandIn } from "./stand-in.ts";

const NAME = "/gotalk-dev/origin-secret";
const TAGS = { service: "gotalk", stage: "dev" };

describe("the secret between CloudFront and the API", () => {
  let store: ParameterStore;
  let aws: StandIn;

  beforeEach(async () => {
    store = new ParameterStore();
    aws = await startStandIn((call) => store.answer(call));
  });
  afterEach(() => aws.stop());

  it("is random, tagged as the stack, and made once: the next deployment leaves it as it is", async () => {
    await ensureOriginSecret(NAME, TAGS, aws.config);
    const made = store.values.get(NAME);
    expect(made).toEqual({
      Value: expect.stringMatching(/^[\w-]{43}$/),
      Type: "String",
      Tags: [
        { Key: "service", Value: "gotalk" },
        { Key: "stage", Value: "dev" },
      ],
    });
    await ensureOriginSecret(NAME, TAGS, aws.config);
    expect(store.values.get(NAME)).toEqual(made);
    await ensureOriginSecret("/another", TAGS, aws.config);
    expect(store.values.get("/another")?.Value).not.toBe(made?.Value);
  });

  it("goes with the stack, also a second time", async () => {
    await ensureOriginSecret(NAME, TAGS, aws.config);
    await deleteOriginSecret(NAME, aws.config);
    expect(store.values.size).toBe(0);
    await expect(deleteOriginSecret(NAME, aws.config)).resolves.toBeUndefined();
  });

  it("ends the deployment when it cannot be made", async () => {
    store.isBroken = true;
    await expect(ensureOriginSecret(NAME, TAGS, aws.config)).rejects.toThrow("no");
    await expect(deleteOriginSecret(NAME, aws.config)).rejects.toThrow("no");
  });
});
