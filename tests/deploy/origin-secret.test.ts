import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { deleteOriginSecret, ensureOriginSecret } from "../../deploy/origin-secret.ts";
import { Distributions } from "./distributions.ts";
import { ParameterStore } from "./parameter-store.ts";
import { type StandIn, startStandIn } from "./stand-in.ts";

const NAME = "/gotalk-dev/origin-secret";
const SECRET = { name: NAME, tags: { service: "gotalk", stage: "dev" }, distributionId: undefined };

describe("the secret between CloudFront and the API", () => {
  let store: ParameterStore;
  let distributions: Distributions;
  let aws: StandIn;

  beforeEach(async () => {
    store = new ParameterStore();
    distributions = new Distributions();
    aws = await startStandIn((call) => (Distributions.takes(call) ? distributions : store).answer(call));
  });
  afterEach(() => aws.stop());

  it("is random, tagged as the stack, and made once: the next deployment leaves it as it is", async () => {
    await ensureOriginSecret(SECRET, aws.config);
    const made = store.values.get(NAME);
    expect(made).toEqual({
      Value: expect.stringMatching(/^[\w-]{43}$/),
      Type: "String",
      Tags: [
        { Key: "service", Value: "gotalk" },
        { Key: "stage", Value: "dev" },
      ],
    });
    await ensureOriginSecret(SECRET, aws.config);
    expect(store.values.get(NAME)).toEqual(made);
    await ensureOriginSecret({ ...SECRET, name: "/another" }, aws.config);
    expect(store.values.get("/another")?.Value).not.toBe(made?.Value);
  });

  it("goes with the stack, also a second time", async () => {
    await ensureOriginSecret(SECRET, aws.config);
    await deleteOriginSecret(NAME, aws.config);
    expect(store.values.size).toBe(0);
    await expect(deleteOriginSecret(NAME, aws.config)).resolves.toBeUndefined();
  });

  it("is what the distribution has when somebody has deleted it: the functions know no other", async () => {
    await ensureOriginSecret({ ...SECRET, distributionId: distributions.id }, aws.config);
    expect(store.values.get(NAME)?.Value).toBe(distributions.secret);
  });

  it("is a new one when the distribution is gone as well", async () => {
    distributions.isThere = false;
    await ensureOriginSecret({ ...SECRET, distributionId: distributions.id }, aws.config);
    expect(store.values.get(NAME)?.Value).toMatch(/^[\w-]{43}$/);
  });

  it("ends the deployment when it cannot be made", async () => {
    store.isBroken = true;
    await expect(ensureOriginSecret(SECRET, aws.config)).rejects.toThrow("no");
    await expect(deleteOriginSecret(NAME, aws.config)).rejects.toThrow("no");
  });
});
