import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { GetItemCommand } from "@aws-sdk/client-dynamodb";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createDatabase } from "../../../lib/database/database.ts";
import { shortenStack } from "../../../lib/database/short-stack.ts";
import { isSigned } from "../../support/signed.ts";

const REGION = "eu-central-1";
const CREDENTIALS = { accessKeyId: "id", secretAccessKey: "secret", sessionToken: "session" };
const SIGNER = { service: "dynamodb", region: REGION, credentials: CREDENTIALS };

describe("a call of the database client", () => {
  let server: Server;
  let endpoint: string;
  let answers: number[];
  let arrived: { isSigned: boolean; signed: string[]; unsigned: string[] }[];

  beforeEach(async () => {
    arrived = [];
    server = createServer(async (request, response) => {
      const body = await text(request);
      const signed = /SignedHeaders=([^,]*)/.exec(request.headers.authorization ?? "")?.[1]?.split(";") ?? [];
      const unsigned = Object.keys(request.headers).filter((name) => !signed.includes(name));
      arrived.push({ isSigned: await isSigned(request, body, SIGNER), signed, unsigned: unsigned.toSorted() });
      response.writeHead(answers.shift() ?? 200).end("{}");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  const make = () => createDatabase(() => {}, { endpoint, region: REGION, credentials: CREDENTIALS });
  const command = () => new GetItemCommand({ TableName: "accounts", Key: { owner: { S: "user#1" } } });

  it("is signed with the client's credentials, each attempt anew, and says nothing of the client", async () => {
    answers = [500];
    const { $metadata } = await make().send(command());
    expect($metadata.attempts).toBe(2);
    // What tells one attempt from another is signed, too.
    const signed = [
      "amz-sdk-invocation-id",
      "amz-sdk-request",
      "content-length",
      "content-type",
      "host",
      "x-amz-content-sha256",
      "x-amz-date",
      "x-amz-security-token",
      "x-amz-target",
    ];
    const asExpected = { isSigned: true, signed, unsigned: ["authorization", "connection"] };
    expect(arrived).toEqual([asExpected, asExpected]);
  });
});

it("a client without what is to be left out is refused, and not used with half of it", () => {
  const database = createDatabase(() => {}, { region: REGION, credentials: CREDENTIALS });
  expect(() => shortenStack(database)).toThrow("the SDK's client has no middleware loggerMiddleware to leave out");
});
