import { randomUUID } from "node:crypto";
import type { ApiServer } from "serverless-offline";
import { toProblem } from "../lib/http/http.ts";
import { invalidRequest } from "../lib/runtime/errors.ts";

/** Answers what hapi refuses before a function sees it, a path with a broken escape above all, as the API does. */
export function explainMalformed(server: ApiServer): void {
  server.ext("onPreResponse", ({ response }, toolkit) => {
    if (response.isBoom !== true || response.output.statusCode !== 400) return toolkit.continue;
    const refusal = invalidRequest("The path or a header is malformed. Percent-encode what stands in the path.");
    const { statusCode = 400, headers = {}, body = "" } = toProblem(refusal, randomUUID());
    const answer = toolkit.response(body).code(statusCode);
    for (const [name, value] of Object.entries(headers)) answer.header(name, String(value));
    return answer;
  });
}
