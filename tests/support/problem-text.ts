/** The body of a problem as the API sends it, for tests that answer in the server's place. */
export const problemText = (status: number, code: string, more: object = {}): string =>
  JSON.stringify({
    type: "about:blank",
    title: "Title",
    status,
    detail: `Detail of ${code}.`,
    code,
    requestId: "request-1",
    ...more,
  });
