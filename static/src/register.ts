/** Lets the page open without a network. Answers with nothing where the browser has no service workers. */
export async function startWorker(): Promise<ServiceWorkerRegistration | undefined> {
  try {
    // A private window may have none, nor has Vite's development server. The page works as well while it is online.
    return await navigator.serviceWorker?.register(trusted("/worker.js"));
  } catch {
    return undefined;
  }
}

/** The page's policy wants whatever becomes a script to be vouched for. Not every browser knows this yet. */
function trusted(path: string): string {
  const policy = globalThis.trustedTypes?.createPolicy("gotalk", { createScriptURL: (url) => url });
  // TypeScript's `register` takes strings only, while browsers take both.
  return (policy?.createScriptURL(path) ?? path) as string;
}
