/** Makes the page's PNG icons from its SVG: `node tests/page/icons.ts`. Their results are checked in. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { startBrowser } from "../support/page/browser.ts";

const FOLDER = fileURLToPath(new URL("../../static/public/icons/", import.meta.url));

/** What each is made for says how it looks: systems that cut icons to a shape of their own want the ground to the edge. */
const ICONS = [
  { file: "icon-192.png", size: 192, isFilled: false },
  { file: "icon-512.png", size: 512, isFilled: false },
  { file: "maskable-512.png", size: 512, isFilled: true },
  { file: "apple-touch-icon.png", size: 180, isFilled: true },
];

const drawing = readFileSync(`${FOLDER}icon.svg`, "utf8");
const filled = drawing.replace(' rx="15"', "").replace("<path", '<path transform="translate(8 8) scale(.75)"');
const browser = await startBrowser();
const page = await browser.newPage();
for (const { file, size, isFilled } of ICONS) {
  await page.setViewportSize({ width: size, height: size });
  await page.setContent(`<style>* { margin: 0; display: block }</style>${isFilled ? filled : drawing}`);
  await page.screenshot({ path: FOLDER + file, omitBackground: true });
}
await browser.close();
