import { createHash, randomBytes } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { FILE_BYTES, sealedBytes } from "../../../lib/contract/files.ts";
import { type Api, bearer, type Fields, form, json } from "../api.ts";
import { newPerson, type Person } from "../logins.ts";
import { expectProblem, fieldsIn } from "../problems.ts";

const checksum = (): string => createHash("sha256").update(randomBytes(16)).digest("base64");

/** What holds of the routes about files. What the store does with the URLs is another contract: `tests/local/file-server.test.ts`. */
export const filesContract = (theApi: () => Api): unknown =>
  describe("files", () => {
    let api: Api;
    let ann: Person;
    let bob: Person;
    const ask = (fields: Fields, who = ann) => api(bearer(who.token, json("/files", fields)));
    const fetchOf = (fileId: string, who = bob) =>
      api(bearer(who.token, { method: "GET", path: `/files/${encodeURIComponent(fileId)}` }));

    beforeAll(async () => {
      api = theApi();
      [ann, bob] = [await newPerson(api), await newPerson(api)];
    });

    describe("POST /files", () => {
      it("answers 201, an id of 128 random bits, and an upload of that length and checksum", async () => {
        const sha256 = checksum();
        const before = Date.now();
        const { status, body } = await ask({ bytes: 307_232, sha256 });
        const after = Date.now();
        expect(status).toBe(201);
        expect(body["fileId"]).toMatch(/^[\w-]{22}$/);
        expect(body["headers"]).toEqual({
          "content-type": "application/octet-stream",
          "x-amz-checksum-sha256": sha256,
        });
        const { pathname, searchParams } = new URL(String(body["url"]));
        expect(pathname.endsWith(`/${body["fileId"]}`)).toBe(true);
        expect(searchParams.get("X-Amz-SignedHeaders")).toBe("content-length;content-type;host;x-amz-checksum-sha256");
        expect(searchParams.get("X-Amz-Expires")).toBe("900");
        const until = Date.parse(String(body["expiresAt"])) - 900_000;
        expect(until).toBeGreaterThanOrEqual(Math.floor(before / 1_000) * 1_000);
        expect(until).toBeLessThanOrEqual(after);
      });

      it("gives each upload an id of its own, also one that is asked for again", async () => {
        const fields = { bytes: 16, sha256: checksum() };
        const ids = [await ask(fields), await ask(fields), await ask(fields, bob)].map(({ body }) => body["fileId"]);
        expect(new Set(ids).size).toBe(3);
      });

      it("takes a form, whose numbers are text", async () => {
        const fields = { token: ann.token, bytes: 16, sha256: checksum() };
        expect((await api(form("/files", fields))).status).toBe(201);
      });

      it.each([1, sealedBytes(FILE_BYTES)])("takes %i bytes", async (bytes) => {
        expect((await ask({ bytes, sha256: checksum() })).status).toBe(201);
      });

      it("refuses a byte more by 413, and says how large a file may be", async () => {
        const answer = await ask({ bytes: sealedBytes(FILE_BYTES) + 1, sha256: checksum() });
        expectProblem(answer, 413, "file_too_large", ["maxBytes"]);
        expect(answer.body["maxBytes"]).toBe(FILE_BYTES);
      });

      it.each([0, -1, 1.5, 1e300, 2 ** 53, "0", "1.5", "", " 1", "1e3", "0x10", null, true, [1], "9".repeat(400)])(
        "refuses %s bytes",
        async (bytes) => {
          const answer = await ask({ bytes, sha256: checksum() });
          expectProblem(answer, 400, "invalid_request");
          expect(fieldsIn(answer)).toEqual(["bytes"]);
        },
      );

      it.each([
        ["43 characters", "A".repeat(43)],
        ["44 characters without the padding", "A".repeat(44)],
        ["45 characters", `${"A".repeat(44)}=`],
        ["hexadecimal", "0".repeat(64)],
        ["the alphabet of URLs", `-_${"A".repeat(41)}=`],
        ["spare bits that are not zero", `${"A".repeat(42)}B=`],
        ["a line break at the end", `${"A".repeat(43)}=\n`],
        ["nothing", ""],
        ["a number", 5],
      ])("refuses a checksum of %s", async (_, sha256) => {
        const answer = await ask({ bytes: 16, sha256 });
        expectProblem(answer, 400, "invalid_request");
        expect(fieldsIn(answer)).toEqual(["sha256"]);
      });

      it("is for whoever is logged in alone", async () => {
        expectProblem(await api(json("/files", { bytes: 16, sha256: checksum() })), 401, "invalid_token");
      });
    });

    describe("GET /files/{fileId}", () => {
      it("answers 200 and a download, for another user who knows the id", async () => {
        const { fileId } = (await ask({ bytes: 16, sha256: checksum() })).body;
        const { status, body } = await fetchOf(String(fileId));
        expect(status).toBe(200);
        const { pathname, searchParams } = new URL(String(body["url"]));
        expect(pathname.endsWith(`/${fileId}`)).toBe(true);
        expect(searchParams.get("X-Amz-SignedHeaders")).toBe("host");
        expect(searchParams.get("X-Amz-Expires")).toBe("300");
      });

      it.each(["x", "A".repeat(21), "A".repeat(23), `${"A".repeat(21)}+`, "../token.key", `${"A".repeat(22)}\n`, "é"])(
        "answers 404 to %j, which the server cannot have made",
        async (fileId) => {
          expectProblem(await fetchOf(fileId), 404, "unknown_file");
        },
      );

      it("is for whoever is logged in alone", async () => {
        const call = { method: "GET", path: `/files/${"A".repeat(22)}` };
        expectProblem(await api(call), 401, "invalid_token");
      });
    });
  });
