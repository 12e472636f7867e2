import { signal } from "@preact/signals";

/** Whether there is a newer version of the page, which a reload shows. */
export const isOutdated = signal(false);

/** Milliseconds between two checks: while the page is open, and when it becomes visible again. */
const PAUSE = { open: 3_600_000, back: 300_000 };

/**
 * Checks for a new version now and then, and when the page becomes visible.
 *
 * @param worker The service worker, which fetches new versions where the browser has it.
 */
export async function followVersions(worker: Promise<ServiceWorkerRegistration | undefined>): Promise<void> {
  // The worker of a new version takes over when it has all files. From then on a reload shows them.
  navigator.serviceWorker?.addEventListener("controllerchange", () => void compare().catch(() => undefined));
  const registration = await worker;
  let checkedAt = Date.now();
  const check = () => {
    checkedAt = Date.now();
    // Without a network there is nothing to find.
    void (registration ? registration.update() : compare()).catch(() => undefined);
  };
  setInterval(check, PAUSE.open);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible" && Date.now() - checkedAt >= PAUSE.back) check();
  });
}

/** Finds out whether a reload would show another page: the names of its files change with their content. */
async function compare(): Promise<void> {
  const response = await fetch("/", { cache: "no-cache" });
  const page = await response.text();
  // A gateway in between may answer in the server's place.
  if (response.ok && page.includes("/assets/")) isOutdated.value = !ownFiles().every((file) => page.includes(file));
}

const ownFiles = (): string[] =>
  [...document.querySelectorAll("script[src], link[rel=stylesheet]")].map(
    (element) => element.getAttribute("src") ?? element.getAttribute("href") ?? "",
  );
