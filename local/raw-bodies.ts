import type { ApiServer } from "serverless-offline";

/** What serverless-offline takes for binary. */
const BINARY = "application/octet-stream";

/**
 * Has every body handed over in base64, with the bytes that came. serverless-offline would read them as UTF-8, with
 * U+FFFD in the place of what is none. API Gateway does the same with forms.
 *
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export function keepBytes(server: ApiServer): void {
  server.ext("onPostAuth", (request, toolkit) => {
    // The function sees the headers as they came.
    request.headers["content-type"] = BINARY;
    request.mime = BINARY;
    return toolkit.continue;
  });
}
