import { describe, expect, it } from "vitest";
import { PAGE_HEADERS } from "../../local/page.ts";
import { buildPage } from "../../stack/page-build.ts";
import { pageFiles } from "../../stack/page-files.ts";
import { made } from "./conditions.ts";
import type { Json, Packaged } from "./packaged.ts";
import { ofType } from "./template.ts";
import { isLike } from "./wildcards.ts";

/** How CloudFront compares paths: case matters, and the slash at the beginning does not. */
const matches = (pattern: string, path: string): boolean => isLike(pattern.replace(/^\//, ""), path.replace(/^\//, ""));

/** Names that a user may have and that look like files of the page. */
const LIKE_FILES = [
  "index",
  "index.html",
  "reference.html",
  "worker.js",
  "manifest.webmanifest",
  "openapi.json",
  "live",
];

/** One domain for everything: what CloudFront does with each path. */
export function edgeTests(packaged: () => Packaged): void {
  const the = (id: string): Json => packaged().template.Resources[id]?.Properties;
  const distribution = (): Json => the("Distribution").DistributionConfig;
  const behaviourOf = (path: string): Json =>
    distribution().CacheBehaviors.find(({ PathPattern }: Json) => matches(PathPattern, path)) ??
    distribution().DefaultCacheBehavior;
  const origin = (id: string): Json => distribution().Origins.find(({ Id }: Json) => Id === id);

  describe("the domain", () => {
    it("reaches every route of the API, with its method, and nothing of it is cached", () => {
      const routes = ofType(packaged(), "AWS::ApiGatewayV2::Route")
        .map(([, { Properties }]) => Properties)
        .filter(({ ApiId }) => ApiId.Ref === "HttpApi")
        .map(({ RouteKey }) => RouteKey.split(" ") as [string, string?]);
      expect(routes.length).toBeGreaterThan(5);
      for (const [method, template = "/no-route-of-ours"] of routes) {
        const paths = LIKE_FILES.map((name) => template.replaceAll(/\{\w+\+?\}/g, name));
        for (const path of new Set(paths)) {
          const behaviour = behaviourOf(path);
          expect(behaviour, path).toMatchObject({
            TargetOriginId: "api",
            CachePolicyId: "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
            OriginRequestPolicyId: "b689b0a8-53d0-40ab-baf2-68738e2966ac",
          });
          if (method !== "$default") expect(behaviour.AllowedMethods).toContain(method);
        }
      }
    });

    it("keeps no error, and passes each on as it is", () => {
      // Those that CloudFront takes here. It keeps an answer of any other code only when that has a max-age.
      const codes = [400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504];
      expect(distribution().CustomErrorResponses).toEqual(
        codes.map((code) => ({ ErrorCode: code, ErrorCachingMinTTL: 0 })),
      );
    });

    it("reaches every file of the page, which may be kept as long as it says itself", async () => {
      await buildPage();
      const files = pageFiles();
      expect(files.map(({ path }) => path)).toContain("/index.html");
      for (const { path } of [...files, { path: "/" }]) {
        expect(behaviourOf(path)).toMatchObject({
          TargetOriginId: "page",
          Compress: true,
          CachePolicyId: { Ref: "PageCache" },
        });
      }
      expect(distribution().DefaultRootObject).toBe("index.html");
      const { MinTTL, ParametersInCacheKeyAndForwardedToOrigin: parameters } = the("PageCache").CachePolicyConfig;
      expect(MinTTL).toBe(0);
      expect(parameters).toMatchObject({ EnableAcceptEncodingBrotli: true, EnableAcceptEncodingGzip: true });
      const lifetimes = files.map(({ path, cacheControl }) => [path.startsWith("/assets/"), cacheControl]);
      expect(new Set(lifetimes.map(String))).toEqual(
        new Set(["true,public, max-age=31536000, immutable", "false,no-cache"]),
      );
    });

    it("reaches the WebSocket API where clients look for it: its stage is the path", () => {
      expect(behaviourOf("/live").TargetOriginId).toBe("live");
      expect(behaviourOf("/live").AllowedMethods).toContain("GET");
      expect(the("WebsocketsDeploymentStage").StageName).toBe("live");
      expect(JSON.stringify(origin("live").DomainName)).toContain("${WebsocketsApi}.execute-api.");
      expect(origin("live")).not.toHaveProperty("OriginPath");
      for (const name of ["send", "live"]) {
        const { LIVE_ENDPOINT } = packaged().functions[name].Environment.Variables;
        expect(LIVE_ENDPOINT["Fn::Sub"]).toMatch(/^https:\/\/\$\{WebsocketsApi\}\.execute-api\..*\/live$/);
      }
      expect(packaged().template.Outputs).not.toHaveProperty("ServiceEndpointWebsocket");
    });

    it("is TLS to the last, with HTTP/2 and 3", () => {
      expect(distribution().HttpVersion).toBe("http2and3");
      const behaviours = [distribution().DefaultCacheBehavior, ...distribution().CacheBehaviors];
      for (const { ViewerProtocolPolicy } of behaviours)
        expect(ViewerProtocolPolicy).toMatch(/^(https-only|redirect-to-https)$/);
      for (const id of ["api", "live"]) expect(origin(id).CustomOriginConfig.OriginProtocolPolicy).toBe("https-only");
    });

    it("keeps its connections to the API for a minute, so that a request seldom waits for a new one", () => {
      for (const id of ["api", "live"]) expect(origin(id).CustomOriginConfig.OriginKeepaliveTimeout).toBe(60);
    });

    it("is one's own where there is one, with its certificate, and else CloudFront's", () => {
      const own = (value: Json, otherwise: Json = { Ref: "AWS::NoValue" }) => ({
        "Fn::If": ["HasDomain", value, otherwise],
      });
      expect(distribution().Aliases).toEqual(own([{ Ref: "DomainName" }]));
      expect(distribution().ViewerCertificate).toEqual({
        AcmCertificateArn: own({ Ref: "CertificateArn" }),
        MinimumProtocolVersion: own("TLSv1.2_2021"),
        SslSupportMethod: own("sni-only"),
        CloudFrontDefaultCertificate: own({ Ref: "AWS::NoValue" }, true),
      });
      const { Url, DistributionDomain } = packaged().template.Outputs;
      expect(Url?.Value).toEqual(
        own({ "Fn::Sub": "https://${DomainName}" }, { "Fn::Sub": "https://${Distribution.DomainName}" }),
      );
      expect(DistributionDomain?.Value).toEqual({ "Fn::GetAtt": ["Distribution", "DomainName"] });
    });

    it("is what the functions take for the page's own, with one's own domain where there is one", () => {
      for (const name of ["send", "sync", "accounts", "live"]) {
        expect(packaged().functions[name].Environment.Variables.OWN_HOSTS["Fn::If"].slice(0, 2)).toEqual([
          "HasCloudFront",
          {
            "Fn::If": [
              "HasDomain",
              { "Fn::Sub": "${Distribution.DomainName} ${DomainName}" },
              { "Fn::GetAtt": ["Distribution", "DomainName"] },
            ],
          },
        ]);
      }
    });

    it("sends with the page what the local stack sends, with the bucket of files, and that it is to be had by TLS only", () => {
      const { SecurityHeadersConfig: security, CustomHeadersConfig: custom } =
        the("PageHeaders").ResponseHeadersPolicyConfig;
      const { "Fn::Sub": policy } = security.ContentSecurityPolicy.ContentSecurityPolicy;
      const bucket = the("FilesBucket").BucketName["Fn::Sub"];
      // It may talk to the bucket of files as well, which locally is on its own host. A reference would be a circle.
      const store = ` https://${bucket}.s3.\${AWS::Region}.\${AWS::URLSuffix}`;
      expect(policy).toContain(`connect-src 'self'${store};`);
      expect({
        "content-security-policy": policy.replace(store, ""),
        "referrer-policy": security.ReferrerPolicy.ReferrerPolicy,
        "x-content-type-options": security.ContentTypeOptions && "nosniff",
        ...Object.fromEntries(custom.Items.map(({ Header, Value }: Json) => [Header, Value])),
      }).toEqual(PAGE_HEADERS);
      for (const headers of ["PageHeaders", "ApiHeaders"]) {
        const { StrictTransportSecurity, FrameOptions } =
          the(headers).ResponseHeadersPolicyConfig.SecurityHeadersConfig;
        expect(StrictTransportSecurity.AccessControlMaxAgeSec).toBeGreaterThanOrEqual(31_536_000);
        expect(FrameOptions.FrameOption).toBe("DENY");
      }
      for (const { ResponseHeadersPolicyId: policy, TargetOriginId: target } of distribution().CacheBehaviors) {
        expect(policy).toEqual({ Ref: target === "page" ? "PageHeaders" : "ApiHeaders" });
      }
    });

    it("alone reads the page's bucket", () => {
      expect(Object.values(the("PageBucket").PublicAccessBlockConfiguration)).toEqual([true, true, true, true]);
      const policy = made(packaged().template).resources["PageBucketPolicy"]?.Properties.PolicyDocument;
      const allowed = policy.Statement.filter(({ Effect }: Json) => Effect === "Allow");
      expect(allowed).toEqual([
        expect.objectContaining({
          Principal: { Service: "cloudfront.amazonaws.com" },
          Action: "s3:GetObject",
          Condition: {
            StringEquals: {
              "AWS:SourceArn": {
                "Fn::Sub": "arn:${AWS::Partition}:cloudfront::${AWS::AccountId}:distribution/${Distribution}",
              },
            },
          },
        }),
      ]);
      expect(origin("page").OriginAccessControlId).toEqual({ "Fn::GetAtt": ["PageAccess", "Id"] });
    });

    it("proves itself to the API, by a secret that nobody made by hand", () => {
      for (const id of ["api", "live"]) {
        expect(origin(id).OriginCustomHeaders).toEqual([
          { HeaderName: "x-gotalk-origin", HeaderValue: "{{resolve:ssm:/gotalk-dev/origin-secret}}" },
        ]);
      }
    });
  });
}
