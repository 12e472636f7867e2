import { readFileSync, writeFileSync } from "node:fs";
import { LIMITS } from "../lib/contract/limits.ts";
import { ASSUMED, add, cost, GB, invocation, type Quantities, times } from "./price-list.ts";

/*
 *   node bench/file-prices.ts     writes the table in docs/costs.md of what files cost
 */

const DOCUMENT = new URL("../docs/costs.md", import.meta.url);
const TABLE = /(?<=<!-- made by bench\/file-prices\.ts -->\n).*?(?=<!-- until here -->)/s;

const MILLION = 1e6;
const DAY = 86_400_000;
const PICTURE_BYTES = 300_000;
/** Of the processor for a token, a check and a signature, on a whole one: taken, and not measured. */
const PRESIGN_MS = 2;
/** Of an answer with a presigned URL: with a session token of the role it has about so many. */
const ANSWER_BYTES = 2_000;

/** A request of the function `files`. */
const asked = (roundTrips: number, units: Quantities): Quantities =>
  add(
    { edgeRequest: 1, httpRequest: 1, trafficGb: (ANSWER_BYTES + ASSUMED.headerBytes) / GB },
    invocation("files", PRESIGN_MS, roundTrips * ASSUMED.roundTripMs),
    units,
  );

/** The session is read, and the day's count written. */
const upload = add(asked(2, { readUnit: 1, writeUnit: 1 }), { s3Put: 1 });

/** What is sent into S3 costs nothing. */
const download = add(asked(1, { readUnit: 1 }), { s3Get: 1, outboundGb: PICTURE_BYTES / GB });

const keptFor = (days: number): Quantities => ({ s3GbMonth: (PICTURE_BYTES / GB) * (days / ASSUMED.daysPerMonth) });

/** Dollars for a million pictures of 300 KB, each uploaded once and fetched once. */
export const millionPictures = (days: number) => {
  const parts = { upload, download, kept: keptFor(days) };
  const [up, down, kept] = [parts.upload, parts.download, parts.kept].map((part) => cost(times(MILLION, part)));
  return {
    up: up ?? 0,
    down: down ?? 0,
    kept: kept ?? 0,
    all: cost(times(MILLION, add(upload, download, parts.kept))),
  };
};

/** The table as it has to be in the document. */
export function filePriceTable(): string {
  const kept = LIMITS.files.kept / DAY;
  const rows = [30, kept].map((days) => {
    const dollars = Object.values(millionPictures(days)).map((amount) => amount.toFixed(2));
    return `| kept ${days} days | ${dollars.join(" | ")} |`;
  });
  return [
    "| US dollars for a million pictures of 300 KB | uploading | fetching each once | storage | all |",
    "| --- | --- | --- | --- | --- |",
    ...rows,
    "",
  ].join("\n");
}

if (import.meta.main) {
  writeFileSync(DOCUMENT, readFileSync(DOCUMENT, "utf8").replace(TABLE, filePriceTable()));
}
