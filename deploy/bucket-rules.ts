import type { CORSRule, LifecycleRule } from "@aws-sdk/client-s3";

/*
 * What CloudFormation calls the rules of a bucket, as S3 calls them; as far as goTalk's template has them.
 */

interface TemplateLifecycle {
  readonly Rules: readonly {
    readonly Id: string;
    readonly Status: "Enabled";
    readonly ExpirationInDays: number;
    readonly AbortIncompleteMultipartUpload: { readonly DaysAfterInitiation: number };
  }[];
}

interface TemplateCors {
  readonly CorsRules: readonly {
    readonly AllowedMethods: string[];
    readonly AllowedHeaders: string[];
    readonly AllowedOrigins: string[];
    readonly MaxAge: number;
  }[];
}

/** @param resolved `LifecycleConfiguration` of a bucket. */
export const lifecycleRulesOf = (resolved: unknown): LifecycleRule[] =>
  (resolved as TemplateLifecycle).Rules.map(({ Id, Status, ExpirationInDays, AbortIncompleteMultipartUpload }) => ({
    ID: Id,
    Status,
    Filter: { Prefix: "" },
    Expiration: { Days: ExpirationInDays },
    AbortIncompleteMultipartUpload,
  }));

/** @param resolved `CorsConfiguration` of a bucket. */
export const corsRulesOf = (resolved: unknown): CORSRule[] =>
  (resolved as TemplateCors).CorsRules.map(({ MaxAge, ...rule }) => ({ ...rule, MaxAgeSeconds: MaxAge }));
