// The icons of the packed program, drawn from the icon of the window. Both formats are lists of PNG pictures, written here: the tool
// of electron-builder that makes them is not on npm.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';

/** Names of the files that are made. */
export const ICONS = { mac: 'icon.icns', windows: 'icon.ico' } as const;

/** Apple's names of PNG pictures, and their sides in pixels; the last four are of a screen with double density. */
const MAC_SIDES: readonly (readonly [type: string, side: number])[] = [
  ...([['ic07', 128] as const, ['ic08', 256] as const, ['ic09', 512] as const] as const),
  ...([['ic11', 32] as const, ['ic12', 64] as const, ['ic13', 256] as const, ['ic14', 512] as const] as const),
  ['ic10', 1024],
];

const WINDOWS_SIDES = [16, 24, 32, 48, 64, 128, 256];

/** Side of the drawing, in its own units, and how many of them are an inch for sharp. */
const DRAWN_SIDE = 32;
const UNITS_PER_INCH = 72;

/** Draws a square SVG of 32 units as PNG. `side` is in pixels. */
function draw(svg: string, side: number): Promise<Buffer> {
  const density = (UNITS_PER_INCH * side) / DRAWN_SIDE;
  return sharp(svg, { density }).resize(side, side).png().toBuffer();
}

/** An icon of macOS: a header, then each picture behind its name and its length in bytes with both of them. */
export function icnsOf(pictures: readonly { readonly type: string; readonly png: Buffer }[]): Buffer {
  const head = (name: string, length: number): Buffer => {
    const bytes = Buffer.alloc(8, name, 'ascii');
    bytes.writeUInt32BE(length, 4);
    return bytes;
  };
  const parts = pictures.flatMap(({ type, png }) => [head(type, 8 + png.length), png]);
  const body = Buffer.concat(parts);
  return Buffer.concat([head('icns', 8 + body.length), body]);
}

/** An icon of Windows: a header, a directory of all pictures, then these. `side` is in pixels, at most 256. */
export function icoOf(pictures: readonly { readonly side: number; readonly png: Buffer }[]): Buffer {
  const header = Buffer.from([0, 0, 1, 0, pictures.length, 0]);
  let offset = header.length + 16 * pictures.length;
  const directory = pictures.map(({ side, png }) => {
    const entry = Buffer.alloc(16);
    entry.writeUInt8(side % 256, 0); // 0 stands for 256
    entry.writeUInt8(side % 256, 1);
    entry.writeUInt16LE(1, 4); // one plane
    entry.writeUInt16LE(32, 6); // bits a pixel
    entry.writeUInt32LE(png.length, 8);
    entry.writeUInt32LE(offset, 12);
    offset += png.length;
    return entry;
  });
  return Buffer.concat([header, ...directory, ...pictures.map(({ png }) => png)]);
}

/** Writes the icons of both systems into a folder, which is made where it is missing. */
export async function makeIcons(svg: string, folder: string): Promise<void> {
  const mac = await Promise.all(MAC_SIDES.map(async ([type, side]) => ({ type, png: await draw(svg, side) })));
  const windows = await Promise.all(WINDOWS_SIDES.map(async (side) => ({ side, png: await draw(svg, side) })));
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, ICONS.mac), icnsOf(mac));
  writeFileSync(join(folder, ICONS.windows), icoOf(windows));
}
