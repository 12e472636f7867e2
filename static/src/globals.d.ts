/** Trusted Types, which TypeScript does not know yet. */
declare var trustedTypes:
  | {
      createPolicy(
        name: string,
        rules: { createScriptURL(url: string): string },
      ): { createScriptURL(url: string): unknown };
    }
  | undefined;

/** A file of the page: its address. */
declare module "*?url" {
  const url: string;
  export default url;
}
