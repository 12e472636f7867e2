import { deflateSync } from "node:zlib";

const CRC = Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c >>> 0;
});

const crc32 = (bytes: Uint8Array): number =>
  (bytes.reduce((crc, byte) => (CRC[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8), 0xffffffff) ^ 0xffffffff) >>> 0;

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}

/** A PNG whose colour goes from one corner to the other. */
export function png(width: number, height: number): Buffer<ArrayBuffer> {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2], 8);
  const rows = Buffer.alloc(height * (1 + 3 * width));
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [across, down] = [x / width, y / height];
      rows.set([40 + 180 * down, 90 + 120 * across, 200 - 120 * down * across], y * (1 + 3 * width) + 1 + 3 * x);
    }
  }
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(rows)),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

/** The bytes by which the place is found that {@link withPlace} writes: the tag of the GPS data, and the latitude. */
export const PLACE = { tag: Buffer.from([0x88, 0x25]), latitude: Buffer.from("N\0\0\0", "latin1") };

const number = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

/** An entry of EXIF data. */
function entry(tag: number, type: number, count: number, value: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt16BE(tag, 0);
  head.writeUInt16BE(type, 2);
  head.writeUInt32BE(count, 4);
  return Buffer.concat([head, value]);
}

/** A JPEG with a further part at its beginning, of up to 65,533 bytes. */
function withPart(jpeg: Uint8Array, marker: number, data: Uint8Array): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(data.length + 2);
  return Buffer.concat([jpeg.subarray(0, 2), Buffer.from([0xff, marker]), length, data, jpeg.subarray(2)]);
}

const withExif = (jpeg: Uint8Array, tiff: Buffer): Buffer =>
  withPart(jpeg, 0xe1, Buffer.concat([Buffer.from("Exif\0\0MM\0*", "latin1"), number(8), tiff]));

/** A JPEG of a camera that was held upright: its left side is to be seen above. */
export const turned = (jpeg: Uint8Array): Buffer =>
  withExif(jpeg, Buffer.concat([Buffer.from([0, 1]), entry(0x0112, 3, 1, Buffer.from([0, 6, 0, 0])), number(0)]));

/** A JPEG with so many comments of 60,000 bytes before its size. */
export const withComments = (jpeg: Uint8Array, count: number): Buffer =>
  Array.from({ length: count }).reduce<Buffer>((all) => withPart(all, 0xfe, Buffer.alloc(60_000)), Buffer.from(jpeg));

/** A JPEG with EXIF data that say where it was taken: 48° 51' 29" N. */
export function withPlace(jpeg: Uint8Array): Buffer {
  const none = number(0);
  const [GPS, DATA] = [26, 56];
  const tiff = Buffer.concat([
    // The one tag of the first part leads to the second, which has the place.
    ...[Buffer.from([0, 1]), entry(0x8825, 4, 1, number(GPS)), none],
    ...[Buffer.from([0, 2]), entry(1, 2, 2, PLACE.latitude), entry(2, 5, 3, number(DATA)), none],
    ...[48, 1, 51, 1, 29, 1].map(number),
  ]);
  return withExif(jpeg, tiff);
}

/** A WAV with a tone of so many seconds. */
export function sound(seconds: number): Buffer<ArrayBuffer> {
  const rate = 8_000;
  const samples = Buffer.from(
    Array.from({ length: Math.round(rate * seconds) }, (_, index) => 128 + Math.round(60 * Math.sin(index / 3))),
  );
  const header = Buffer.alloc(44);
  header.write("RIFF", 0, "latin1");
  header.writeUInt32LE(36 + samples.length, 4);
  header.write("WAVEfmt ", 8, "latin1");
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(rate, 24);
  header.writeUInt32LE(rate, 28);
  header.writeUInt16LE(1, 32);
  header.writeUInt16LE(8, 34);
  header.write("data", 36, "latin1");
  header.writeUInt32LE(samples.length, 40);
  return Buffer.concat([header, samples]);
}
