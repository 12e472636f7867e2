/*
 * Events as API Gateway makes them of requests that came through CloudFront, with every field that AWS documents.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-mapping-template-reference.html
 */

/** CloudFront, as API Gateway sees it. */
const EDGE = "130.176.89.46";

interface Options {
  /** Sent as a form, which API Gateway hands over in base64. */
  readonly form?: Readonly<Record<string, string>>;
  readonly client?: string;
  /** Who made the connection to API Gateway: CloudFront, unless it is said otherwise. */
  readonly sourceIp?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export function httpEvent(
  routeKey: string,
  path: string,
  { form, client = "198.51.100.7", sourceIp = EDGE, headers }: Options = {},
): object {
  const method = routeKey === "$default" ? "GET" : routeKey.split(" ")[0];
  const body = form && Buffer.from(new URLSearchParams(form).toString());
  return {
    version: "2.0",
    routeKey,
    rawPath: path,
    rawQueryString: "",
    headers: {
      accept: "*/*",
      ...(body && {
        "content-length": String(body.length),
        "content-type": "application/x-www-form-urlencoded; charset=UTF-8",
      }),
      host: "a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com",
      origin: "https://d111111abcdef8.cloudfront.net",
      "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0",
      via: "2.0 3b2c1d0e.cloudfront.net (CloudFront)",
      "x-amz-cf-id": "cUSWnWgDbqLvMdx7Bb5vJEqCnVzBSmYcNxp4Wk3n1nL8jZ2mR0Wn6A==",
      "x-amzn-trace-id": "Root=1-692c9d3f-0a1b2c3d4e5f60718293a4b5",
      "x-forwarded-for": `${client}, ${EDGE}`,
      "x-forwarded-port": "443",
      "x-forwarded-proto": "https",
      ...headers,
    },
    requestContext: {
      accountId: "123456789012",
      apiId: "a1b2c3d4e5",
      domainName: "a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com",
      domainPrefix: "a1b2c3d4e5",
      http: {
        method,
        path,
        protocol: "HTTP/1.1",
        sourceIp,
        userAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:143.0)",
      },
      requestId: "UZbQ0h3cliAEMKw=",
      routeKey,
      stage: "$default",
      time: "30/Nov/2025:19:39:43 +0000",
      timeEpoch: 1_764_531_583_221,
    },
    ...(body && { body: body.toString("base64") }),
    isBase64Encoded: body !== undefined,
  };
}

export function liveEvent(
  eventType: "CONNECT" | "MESSAGE" | "DISCONNECT",
  connectionId: string,
  body?: string,
): object {
  return {
    requestContext: {
      routeKey: eventType === "MESSAGE" ? "$default" : `$${eventType.toLowerCase()}`,
      ...(eventType === "MESSAGE" && { messageId: "UZbR3ceoliACH8Q=" }),
      eventType,
      extendedRequestId: "UZbR3HkxFiAFbpA=",
      requestTime: "30/Nov/2025:19:39:52 +0000",
      messageDirection: "IN",
      stage: "live",
      connectedAt: 1_764_531_592_022,
      requestTimeEpoch: 1_764_531_592_318,
      identity: { sourceIp: EDGE },
      requestId: "UZbR3HkxFiAFbpA=",
      domainName: "f6g7h8i9j0.execute-api.eu-central-1.amazonaws.com",
      connectionId,
      apiId: "f6g7h8i9j0",
    },
    ...(body !== undefined && { body }),
    isBase64Encoded: false,
  };
}
