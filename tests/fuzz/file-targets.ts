import fc from "fast-check";
import { inputOf } from "./events.ts";
import { CLAIMED, fieldIn, nothing, post, RIGHT_PARAMETER, type Target } from "./target.ts";
import { fieldsOf, text } from "./values.ts";
import { rightsOf } from "./world.ts";

const allowUpload: Target = {
  name: "upload",
  ...post("/files"),
  inputs: inputOf(fieldsOf(["token", "bytes", "sha256"], ["fileId"]), nothing),
  rights: (world) => rightsOf(world, () => world.ann),
  answers: { ...CLAIMED, 201: [], 413: [...CLAIMED[413], "file_too_large"] },
  async accepted(_, event, { body }) {
    const { pathname, searchParams } = new URL(String(body["url"]));
    if (!pathname.endsWith(`/${body["fileId"]}`)) throw new Error(`${pathname} is not of the file ${body["fileId"]}`);
    if (!searchParams.get("X-Amz-SignedHeaders")?.includes("content-length")) throw new Error("any length is allowed");
    const checksum = (body["headers"] as Record<string, string>)["x-amz-checksum-sha256"];
    if (checksum !== fieldIn(event, "sha256")) throw new Error(`the checksum is ${checksum}`);
  },
};

const allowDownload: Target = {
  name: "download",
  method: "GET",
  path: ({ parameter = "" }) => `/files/${encodeURIComponent(parameter.toWellFormed())}`,
  rightParameter: () => "A".repeat(22),
  inputs: inputOf(
    fieldsOf(["token"], ["fileId"]),
    fc.oneof(
      { weight: 6, arbitrary: fc.constant(RIGHT_PARAMETER) },
      { weight: 2, arbitrary: fc.stringMatching(/^[\w-]{20,24}$/) },
      { weight: 2, arbitrary: text },
    ),
  ),
  rights: (world) => rightsOf(world, () => world.bob),
  answers: { ...CLAIMED, 200: [], 404: ["unknown_file", "not_found"], 405: ["method_not_allowed"] },
  async accepted(_, { pathParameters }, { body }) {
    const { pathname } = new URL(String(body["url"]));
    if (!pathname.endsWith(`/${pathParameters?.["fileId"]}`)) throw new Error(`another file is allowed: ${pathname}`);
  },
};

export const fileTargets: readonly Target[] = [allowUpload, allowDownload];
