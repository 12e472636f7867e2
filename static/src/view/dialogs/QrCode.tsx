import { correction, generate } from "lean-qr/nano";
import type { VNode } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";

/** The empty edge that a scanner needs, in modules (ISO/IEC 18004). */
const EDGE = 4;

/** The dark modules as a path: one rectangle for those side by side. */
function pathOf({ size, get }: ReturnType<typeof generate>): string {
  const parts: string[] = [];
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const start = x;
      while (get(x, y)) x++;
      if (x > start) parts.push(`M${start} ${y}h${x - start}v1h${start - x}z`);
    }
  }
  return parts.join("");
}

/** A text as a QR code: dark on light in each theme, which all scanners read. */
export function QrCode({ text, label }: { text: string; label: string }): VNode {
  const code = useMemo(() => {
    const made = generate(text, { minCorrectionLevel: correction.M });
    return { path: pathOf(made), size: made.size };
  }, [text]);
  const drawing = useRef<SVGSVGElement>(null);
  // It opens at the end of a long dialog.
  useEffect(() => drawing.current?.scrollIntoView({ block: "nearest" }), [code]);
  const side = code.size + 2 * EDGE;
  return (
    <svg ref={drawing} class="qr-code" role="img" aria-label={label} viewBox={`${-EDGE} ${-EDGE} ${side} ${side}`}>
      <rect x={-EDGE} y={-EDGE} width={side} height={side} />
      <path d={code.path} />
    </svg>
  );
}
