/** Lets the page open without a network. */
export function startWorker(): void {
  if (!("serviceWorker" in navigator)) return;
  // A private window may have none, nor has Vite's development server. The page works as well while it is online.
  navigator.serviceWorker.register(trusted("/worker.js")).catch(() => undefined);
}

/** The page's policy wants whatever becomes a script to be vouched for. Not every browser knows this yet. */
function trusted(path: string): string {
  const policy = globalThis.trustedTypes?.createPolicy("gotalk", { createScriptURL: (url) => url });
  // TypeScript's `register` takes strings only, while browsers take both.
  return (policy?.createScriptURL(path) ?? path) as string;
}
