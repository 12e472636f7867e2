import { describe, expect, test } from "vitest";
import { isCrossSite } from "../../../lib/http/cross-site.ts";

const OWN = ["chat.example", "d111.cloudfront.net", "localhost:9000"];

describe("a request is foreign", () => {
  test.each<[string, Record<string, string | string[]>]>([
    ["a form of another site", { origin: "https://evil.example", "sec-fetch-site": "cross-site" }],
    ["a form of another site in a browser without fetch metadata", { origin: "https://evil.example" }],
    ["a GET of another site, which has no origin", { "sec-fetch-site": "cross-site" }],
    ["another subdomain", { origin: "https://other.chat.example", "sec-fetch-site": "same-site" }],
    ["a GET of another subdomain", { "sec-fetch-site": "same-site" }],
    ["another distribution of CloudFront", { origin: "https://d222.cloudfront.net", "sec-fetch-site": "cross-site" }],
    ["the same host with another port", { origin: "http://localhost:3000", "sec-fetch-site": "same-site" }],
    ["the same host without its port", { origin: "http://localhost" }],
    ["a longer host that ends alike", { origin: "https://evil-chat.example" }],
    ["a longer host that begins alike", { origin: "https://chat.example.evil.example" }],
    ["a sandboxed frame", { origin: "null", "sec-fetch-site": "cross-site" }],
    ["a sandboxed frame in a browser without fetch metadata", { origin: "null" }],
    ["a null origin that the address bar does not make", { origin: "null", "sec-fetch-site": "none" }],
    ["a file", { origin: "file://" }],
    ["an extension", { origin: "chrome-extension://abcdefghijklmnop", "sec-fetch-site": "none" }],
    ["another scheme with an own host", { origin: "chrome-extension://chat.example" }],
    ["the site outweighs an own origin", { origin: "https://chat.example", "sec-fetch-site": "cross-site" }],
    ["the origin outweighs the site", { origin: "https://evil.example", "sec-fetch-site": "same-origin" }],
    ["a value that no standard knows yet", { "sec-fetch-site": "elsewhere" }],
    ["two origins, one of them own", { origin: ["https://chat.example", "https://evil.example"] }],
    ["two origins in one line", { origin: "https://chat.example, https://evil.example" }],
    ["two sites", { "sec-fetch-site": ["same-origin", "cross-site"] }],
  ])("%s", (_, headers) => {
    expect(isCrossSite(headers, OWN)).toBe(true);
  });
});

describe("a request is own", () => {
  test.each<[string, Record<string, string>]>([
    ["a program", {}],
    ["a program with empty headers", { origin: "", "sec-fetch-site": "" }],
    ["Node's fetch", { "sec-fetch-mode": "cors" }],
    ["the page", { origin: "https://chat.example", "sec-fetch-site": "same-origin" }],
    ["the page in a browser without fetch metadata", { origin: "https://d111.cloudfront.net" }],
    ["the page on one's own machine", { origin: "http://localhost:9000", "sec-fetch-site": "same-origin" }],
    ["a GET of the page, which has no origin", { "sec-fetch-site": "same-origin" }],
    ["the address bar", { "sec-fetch-site": "none" }],
    ["a form of the page, whose referrer policy hides the origin", { origin: "null", "sec-fetch-site": "same-origin" }],
    ["a program that writes its host in capitals", { origin: "https://Chat.Example" }],
  ])("%s", (_, headers) => {
    expect(isCrossSite(headers, OWN)).toBe(false);
  });
});
