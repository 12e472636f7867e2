import { signal } from "@preact/signals";

/** A newer version of the page is there. It shows once the page is reloaded. */
export const isOutdated = signal(false);

/** Milliseconds between two looks: while the page is open, and when somebody comes back to it. */
const PAUSE = { open: 3_600_000, back: 300_000 };

/**
 * Looks for a new version now and then, and when somebody comes back to the page.
 *
 * @param worker The service worker, which brings new versions where there is one.
 */
export async function followVersions(worker: Promise<ServiceWorkerRegistration | undefined>): Promise<void> {
  // The worker of a new version takes over as soon as it has all of it; from then on a reload shows it.
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

/** Whether a reload would show another page than this one: the names of its files change with their content. */
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
