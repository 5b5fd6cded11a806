import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { ICONS, icnsOf, icoOf, makeIcons } from '../../../build/icons.ts';
import { temporaryFolder } from '../../fixtures/store-folder.ts';

const SVG = fileURLToPath(new URL('../../../src/renderer/public/icon.svg', import.meta.url));

describe('icons', () => {
  it('of macOS are a header and pictures behind their names and lengths', () => {
    const icon = icnsOf([
      { type: 'ic07', png: Buffer.from('ab') },
      { type: 'ic08', png: Buffer.from('c') },
    ]);
    const length = (bytes: number): string => `\0\0\0${String.fromCharCode(bytes)}`;
    expect(icon.toString('latin1')).toBe(`icns${length(27)}ic07${length(10)}abic08${length(9)}c`);
  });

  it('of Windows are a directory of pictures and these; the largest has a side of 0', () => {
    const icon = icoOf([
      { side: 16, png: Buffer.from('ab') },
      { side: 256, png: Buffer.from('c') },
    ]);
    const [header, first, second, pictures] = [[0, 6], [6, 22], [22, 38], [38]].map(([a, b]) => [
      ...icon.subarray(a, b),
    ]);
    expect(header).toEqual([0, 0, 1, 0, 2, 0]);
    expect(first).toEqual([16, 16, 0, 0, 1, 0, 32, 0, 2, 0, 0, 0, 38, 0, 0, 0]);
    expect(second).toEqual([0, 0, 0, 0, 1, 0, 32, 0, 1, 0, 0, 0, 40, 0, 0, 0]);
    expect(pictures).toEqual([...Buffer.from('abc')]);
  });

  it('are drawn from the icon of the window, in every size that they name', async () => {
    const folder = join(temporaryFolder(), 'made');
    await makeIcons(SVG, folder);
    const mac = readFileSync(join(folder, ICONS.mac));
    const sides: number[] = [];
    for (let at = 8; at < mac.length; at += mac.readUInt32BE(at + 4)) {
      const { width, height } = await sharp(mac.subarray(at + 8, at + mac.readUInt32BE(at + 4))).metadata();
      expect(height).toBe(width);
      sides.push(width);
    }
    expect(sides).toEqual([128, 256, 512, 32, 64, 256, 512, 1024]);
    const windows = readFileSync(join(folder, ICONS.windows));
    const offset = windows.readUInt32LE(6 + 6 * 16 + 12);
    const { data, info } = await sharp(windows.subarray(offset)).raw().toBuffer({ resolveWithObject: true });
    expect([info.width, info.height, info.channels]).toEqual([256, 256, 4]);
    const pixel = (x: number, y: number): number[] => [...data.subarray(4 * (y * 256 + x), 4 * (y * 256 + x) + 4)];
    expect(pixel(0, 0)[3]).toBe(0); // outside of the round corner
    expect(pixel(128, 60)).toEqual([0x1f, 0x4e, 0x79, 255]);
    expect(pixel(11 * 8, 13 * 8)).toEqual([255, 255, 255, 255]); // an eye
  });
});
