import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { emptyBucket, PageBucket } from "../../deploy/bucket.ts";
import { readPage } from "../../deploy/page-contents.ts";
import { ObjectStore } from "./object-store.ts";
import { type StandIn, startStandIn } from "./stand-in.ts";

const DAY = 24 * 60 * 60 * 1_000;
const PAGE_SIZE = 3;

describe("the page's bucket", () => {
  let store: ObjectStore;
  let aws: StandIn;
  let bucket: PageBucket;

  beforeEach(async () => {
    store = new ObjectStore(PAGE_SIZE);
    aws = await startStandIn((call) => store.answer(call));
    bucket = new PageBucket(store.bucket, aws.config);
  });
  afterEach(() => aws.stop());

  const addOld = (key: string, days: number): void => {
    const changedAt = Date.now() - days * DAY;
    store.objects.set(key, { content: Buffer.from(key), type: undefined, cacheControl: undefined, changedAt });
  };

  it("gets every file of the page, byte by byte, with its type and how long it may be kept", async () => {
    const files = await readPage();
    await bucket.publish(files);
    expect([...store.objects.keys()].sort()).toEqual(files.map(({ path }) => path.slice(1)).sort());
    for (const { file, path, type, cacheControl } of files) {
      const stored = store.objects.get(path.slice(1));
      expect(stored).toMatchObject({ type, cacheControl });
      expect(stored?.content.equals(readFileSync(file)), path).toBe(true);
    }
    expect(store.objects.get("index.html")?.cacheControl).toBe("no-cache");
  });

  it("gets what the page refers to before the page that refers to it", async () => {
    await bucket.publish(await readPage());
    const keys = [...store.objects.keys()];
    const isAsset = keys.map((key) => key.startsWith("assets/"));
    expect(isAsset.lastIndexOf(true)).toBeGreaterThanOrEqual(0);
    expect(isAsset.lastIndexOf(true)).toBeLessThan(isAsset.indexOf(false));
  });

  it("keeps what an open page may still load, and loses it after a month", async () => {
    for (let index = 0; index < 2 * PAGE_SIZE; index++) addOld(`assets/old-${index}.js`, 31);
    addOld("assets/recent.js", 29);
    const files = await readPage();
    await bucket.publish(files);
    expect(store.objects.size).toBe(files.length + 1);
    expect(store.objects.has("assets/recent.js")).toBe(true);
  });

  it("is emptied before it is removed, however much is in it", async () => {
    for (let index = 0; index < 5 * PAGE_SIZE + 1; index++) addOld(`assets/object ${index}.js`, index);
    await emptyBucket(store.bucket, aws.config);
    expect([...store.objects.keys()]).toEqual([]);
    await expect(emptyBucket(store.bucket, aws.config)).resolves.toBeUndefined();
  });

  it("is empty without its old versions and marks too, where somebody has switched versions on", async () => {
    store.isVersioned = true;
    for (let index = 0; index < PAGE_SIZE; index++) addOld(`assets/old-${index}.js`, 31);
    await bucket.publish(await readPage());
    await bucket.publish(await readPage());
    expect(new Set(store.hidden.map(({ isMarker }) => isMarker))).toEqual(new Set([true, false]));
    addOld("left/by-somebody.txt", 0);
    await emptyBucket(store.bucket, aws.config);
    expect(store.isEmpty).toBe(true);
  });

  it("is empty when it is not there any more", async () => {
    store.isThere = false;
    await expect(emptyBucket(store.bucket, aws.config)).resolves.toBeUndefined();
  });

  it("says which object could not be deleted", async () => {
    addOld("assets/a.js", 40);
    store.locked.add("assets/a.js");
    await expect(emptyBucket(store.bucket, aws.config)).rejects.toThrow(
      /assets\/a\.js cannot be deleted from the bucket page: Access Denied/,
    );
  });

  it("ends the deployment when there is no such bucket", async () => {
    await expect(new PageBucket("another", aws.config).publish(await readPage())).rejects.toMatchObject({
      name: "NoSuchBucket",
    });
  });
});
