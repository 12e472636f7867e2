import { type Call, type Reply, xml, xmlError } from "./stand-in.ts";

/** No engine of CloudFront runs locally: this one has one distribution, and answers what a deployment asks of it. */
export class Distributions {
  readonly id = "E1";
  isThere = true;
  /** What it shows to the API. */
  secret = "the-secret-that-is-deployed";
  /** Whether so many invalidations go on that it takes no further one. */
  isBusy = false;
  /** What it was asked to forget. */
  readonly forgotten: string[][] = [];

  static takes({ path }: Call): boolean {
    return path.includes("/distribution/");
  }

  answer({ path, body }: Call): Reply {
    if (!this.isThere || !path.includes(`/distribution/${this.id}/`)) return xmlError(404, "NoSuchDistribution");
    return path.endsWith("/invalidation") ? this.#forget(String(body)) : this.#config();
  }

  #forget(body: string): Reply {
    if (this.isBusy) return xmlError(400, "TooManyInvalidationsInProgress");
    this.forgotten.push([...body.matchAll(/<Path>([^<]+)<\/Path>/g)].map(([, path = ""]) => path));
    return xml("<Invalidation><Id>I1</Id><Status>InProgress</Status></Invalidation>", 201);
  }

  #config(): Reply {
    const header = `<OriginCustomHeader><HeaderName>x-gotalk-origin</HeaderName><HeaderValue>${this.secret}</HeaderValue></OriginCustomHeader>`;
    const headers = `<CustomHeaders><Quantity>1</Quantity><Items>${header}</Items></CustomHeaders>`;
    const origins =
      "<Origin><Id>page</Id><CustomHeaders><Quantity>0</Quantity></CustomHeaders></Origin>" +
      `<Origin><Id>api</Id>${headers}</Origin>`;
    return xml(
      `<DistributionConfig><Origins><Quantity>2</Quantity><Items>${origins}</Items></Origins></DistributionConfig>`,
    );
  }
}
