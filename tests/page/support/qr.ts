import jsQR from "jsqr";
import type { Locator } from "playwright-core";

/** What a scanner reads from the modules of a QR code, of which each dark one is a part of a path. */
function read(path: string, side: number): string | undefined {
  const scale = 4;
  const width = side * scale;
  const pixels = new Uint8ClampedArray(width * width * 4).fill(255);
  const edge = 4;
  for (const [, x, y, length] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g)) {
    for (let row = 0; row < scale; row++) {
      const start = ((Number(y) + edge) * scale + row) * width + (Number(x) + edge) * scale;
      for (let pixel = start; pixel < start + Number(length) * scale; pixel++) pixels.fill(0, 4 * pixel, 4 * pixel + 3);
    }
  }
  return jsQR.default(pixels, width, width)?.data;
}

/** What a scanner reads from a QR code on the page. */
export async function scanned(code: Locator): Promise<string | undefined> {
  const [path = "", side] = await code.evaluate((svg) => [
    svg.querySelector("path")?.getAttribute("d") ?? "",
    svg.getAttribute("viewBox")?.split(" ").at(-1) ?? "",
  ]);
  return read(path, Number(side));
}
