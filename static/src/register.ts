/** Lets the page open without a network. @returns undefined if the browser has no service workers */
export async function startWorker(): Promise<ServiceWorkerRegistration | undefined> {
  try {
    // A private window and Vite's development server may have none. The page works all the same while it is online.
    return await navigator.serviceWorker?.register(trusted("/worker.js"));
  } catch {
    return undefined;
  }
}

/** The page's policy allows only trusted script URLs. Not every browser knows them yet. */
function trusted(path: string): string {
  const policy = globalThis.trustedTypes?.createPolicy("gotalk", { createScriptURL: (url) => url });
  // TypeScript's `register` takes strings only, while browsers take both.
  return (policy?.createScriptURL(path) ?? path) as string;
}
