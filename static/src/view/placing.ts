/** Pixels between what opens and the edge of the window, or what has opened it. */
const GAP = 6;

/** Places an element that opens below another one, where both end at the same side. */
export function placeBelow(element: HTMLElement | null, opener: HTMLElement | null): void {
  if (element === null || opener === null) return;
  const { bottom, right } = opener.getBoundingClientRect();
  const { style } = element;
  style.inset = `${bottom + GAP}px ${Math.max(GAP, innerWidth - right)}px auto auto`;
  style.maxHeight = `${innerHeight - bottom - 2 * GAP}px`;
}

/** Places an element that is open at a point, and within the window. */
export function placeAt(element: HTMLElement, x: number, y: number): void {
  const { offsetWidth, offsetHeight, style } = element;
  const left = Math.max(GAP, Math.min(x, innerWidth - offsetWidth - GAP));
  const top = Math.max(GAP, Math.min(y, innerHeight - offsetHeight - GAP));
  style.inset = `${top}px auto auto ${left}px`;
}
