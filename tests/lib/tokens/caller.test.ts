import { beforeAll, describe, expect, it } from "vitest";
import { type GoTalkError, InvalidToken } from "../../../lib/runtime/errors.ts";
import { identify } from "../../../lib/tokens/caller.ts";
import { singleKey } from "../../../lib/tokens/key-ring.ts";
import { Tokens } from "../../../lib/tokens/tokens.ts";
import { problem } from "../../support/problems.ts";

const tokens = new Tokens(async () => singleKey(new Uint8Array(32)), Date.now);
const ann = { userId: "ann-id", username: "ann", sessionId: "a-session" };

describe("identify", () => {
  let token: string;
  beforeAll(async () => {
    token = await tokens.issue(ann, Date.now() + 60_000);
  });

  it("answers whose token it is", async () => {
    const opened = { ...ann, issuedAt: expect.any(Number) };
    expect(await identify(tokens, { token, id: "ann-id" })).toEqual(opened);
    expect(await identify(tokens, { token, id: "ann-id", username: "ann" })).toEqual(opened);
  });

  it.each([
    ["id", { id: "bob-id" }],
    ["id", { id: "" }],
    ["id", { id: "ANN-ID" }],
    ["id", { id: "bob-id", username: "ann" }],
    ["username", { id: "ann-id", username: "bob" }],
    ["username", { id: "ann-id", username: "" }],
  ])("forbids the token for another %s: %o", async (field, claim) => {
    const error = await identify(tokens, { token, ...claim }).catch((thrown: unknown) => thrown);
    expect(error).toEqual(problem("forbidden"));
    expect(error).toMatchObject({ status: 403, code: "forbidden" });
    expect((error as GoTalkError).message).toBe(`The token belongs to another user than the one in ${field}.`);
  });

  it("looks at the token before it says anything of the id", async () => {
    await expect(identify(tokens, { token: "forged", id: "bob-id" })).rejects.toThrow(InvalidToken);
    await expect(identify(tokens, { id: "ann-id" })).rejects.toThrow(InvalidToken);
  });
});
