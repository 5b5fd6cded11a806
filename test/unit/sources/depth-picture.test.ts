// Depth pictures in files, and the verdicts on real frames of both sensors.
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readFace, type DepthReading } from '../../../src/main/core/depth/verdict.ts';
import { Ellipsoid, rotation, Sheet } from '../../../src/main/science/depth/solids.ts';
import { pictureSize, readDepth } from '../../../src/main/sources/depth-picture.ts';
import { temporaryFolder } from '../../fixtures/clips.ts';
import { exactDepth, writeColorPicture, writeDepthPicture } from '../../fixtures/depth.ts';
import { hasSharedData, sharedPath } from '../../fixtures/shared.ts';

type Numbers = readonly [number, number, number, number];

const place = temporaryFolder();
afterAll(() => place.remove());
const depth = place.at('depth.png');

const scene = exactDepth([
  new Ellipsoid('skin', [-200, 0, 1075], [75, 75, 75]),
  new Sheet([0, 0, 1800], { width: 9000, height: 9000 }, rotation(0, 0, 0)),
]);

beforeAll(() => writeDepthPicture(depth, scene.mm, 512, 424));

describe('a depth picture', () => {
  it('is read to the last millimetre', async () => {
    const { depth: read, scale, isRegistered } = await readDepth(depth, { width: 512, height: 424 });
    expect(read.mm.every((value, i) => value === scene.mm[i])).toBe(true);
    expect({ ...read, mm: null }).toEqual({ ...scene, mm: null });
    expect({ scale, isRegistered }).toEqual({ scale: 1, isRegistered: false });
  });

  it('keeps values of all 16 bits', async () => {
    const mm = Uint16Array.from({ length: 640 * 480 }, (_, i) => i % 65_536);
    await writeDepthPicture(place.at('all.png'), mm, 640, 480);
    const { depth: read } = await readDepth(place.at('all.png'), { width: 640, height: 480 });
    expect(read.mm.every((value, i) => value === mm[i])).toBe(true);
    expect(read).toMatchObject({ sensor: 'kinect-v1', focalPx: 525, centerX: 320, centerY: 240 });
  });

  it('lies under a colour picture of twice its size', async () => {
    expect((await readDepth(depth, { width: 1024, height: 848 })).scale).toBe(0.5);
  });

  it('of a Kinect v2 is brought into its wide colour picture, whose camera stands 52 mm to the left', async () => {
    const { depth: read, scale, isRegistered } = await readDepth(depth, { width: 1920, height: 1080 });
    expect(isRegistered).toBe(true);
    expect(scale).toBeCloseTo(1 / 3, 9);
    expect(read).toMatchObject({ width: 640, height: 360, sensor: 'kinect-v2' });
    // The ball's front is seen 148 mm left of the middle, 1 m away: 960 − 1060 × 0.148 = 803 pixels.
    const at = (x: number): number => read.mm[180 * 640 + Math.round(x * scale)];
    expect(Math.abs(at(803) - 1000)).toBeLessThan(5);
    expect(at(803 - 150)).toBe(1800);
    expect(at(803 + 150)).toBe(1800);
  });

  it('that is none, of no sensor, or of another colour picture, is refused', async () => {
    const colored = place.at('colour.png');
    await writeColorPicture(colored, '#456', 512, 424);
    await writeDepthPicture(place.at('small.png'), new Uint16Array(100), 10, 10);
    const size = { width: 512, height: 424 };
    await expect(readDepth(colored, size)).rejects.toMatchObject({ code: 'input_unsupported' });
    await expect(readDepth(place.at('small.png'), size)).rejects.toMatchObject({ code: 'input_unsupported' });
    await expect(readDepth(depth, { width: 300, height: 500 })).rejects.toMatchObject({ code: 'input_unsupported' });
    await expect(readDepth(place.at('none.png'), size)).rejects.toMatchObject({ code: 'input_unreadable' });
    await expect(pictureSize(place.at('none.png'))).rejects.toMatchObject({ code: 'input_unreadable' });
  });
});

describe('a colour picture', () => {
  it('has its size, upright as its EXIF orientation says', async () => {
    const [plain, turned] = [place.at('plain.png'), place.at('turned.jpg')];
    await writeColorPicture(plain, '#456', 512, 424);
    expect(await pictureSize(plain)).toEqual({ width: 512, height: 424 });
    await sharp(plain).withMetadata({ orientation: 6 }).toFile(turned);
    expect(await pictureSize(turned)).toEqual({ width: 424, height: 512 });
  });
});

/** Heads, boxed by hand from edge to edge, hair included; of `kinectv2_…` in pixels of the colour picture, else of the depth picture. */
const HEADS: Readonly<Record<string, readonly Numbers[]>> = {
  five_people: [
    [55, 65, 63, 70],
    [155, 97, 55, 63],
    [325, 105, 42, 52],
    [398, 105, 42, 50],
    [510, 50, 70, 68],
  ],
  person: [[188, 165, 142, 170]],
  skeltrack_1028894671: [[264, 108, 86, 117]],
  skeltrack_1038901490: [[269, 108, 81, 117]],
  skeltrack_1045879925: [[274, 104, 84, 120]],
  skeltrack_1051883281: [[263, 118, 78, 107]],
  skeltrack_1058893191: [[261, 104, 84, 120]],
  skeltrack_1064898470: [[274, 103, 80, 119]],
  skeltrack_1070905432: [[269, 113, 84, 112]],
  skeltrack_1078881076: [[250, 121, 83, 101]],
  kinectv2_0102: [
    [322, 150, 173, 240],
    [618, 82, 132, 165],
  ],
  kinectv2_0113: [
    [322, 150, 173, 240],
    [790, 72, 118, 165],
  ],
  kinectv2_0120: [
    [322, 150, 173, 240],
    [897, 63, 130, 174],
  ],
};

/** Things without a head: walls, doors, a board, a laptop's lid, floor. */
const THINGS: Readonly<Record<string, readonly Numbers[]>> = {
  office1: [
    [90, 60, 60, 70],
    [270, 180, 40, 50],
    [410, 230, 40, 50],
    [60, 160, 70, 80],
    [530, 200, 40, 50],
  ],
  frame_20121214T142255: [
    [180, 190, 90, 100],
    [250, 180, 100, 110],
    [60, 360, 110, 110],
    [300, 340, 120, 120],
    [200, 60, 60, 70],
  ],
  five_people: [
    [235, 110, 50, 60],
    [250, 200, 40, 50],
  ],
  kinectv2_0102: [
    [1100, 150, 130, 160],
    [1300, 350, 150, 180],
  ],
};

describe.skipIf(!hasSharedData)('on real frames of both sensors (shared/data/rgbd)', () => {
  const judged = async (things: typeof HEADS): Promise<DepthReading[]> => {
    const readings: DepthReading[] = [];
    for (const [name, boxes] of Object.entries(things)) {
      const file = sharedPath(`rgbd/${name}_depth_mm16.png`);
      const color = name.startsWith('kinectv2') ? sharedPath(`rgbd/${name}_color.jpg`) : file;
      const { depth: read, scale } = await readDepth(file, await pictureSize(color));
      for (const box of boxes) {
        const [x, y, width, height] = box.map((value) => scale * value);
        readings.push(readFace(read, { x, y, width, height }));
      }
    }
    return readings;
  };

  it('rejects no head, and accepts at least 80 % of those that are near enough and have depth', async () => {
    const heads = await judged(HEADS);
    expect(heads).toHaveLength(20);
    expect(heads.filter(({ verdict }) => verdict !== 'accept' && verdict !== 'unknown')).toEqual([]);
    const near = heads.filter(
      ({ measure }) => measure && measure.distanceMm >= 600 && measure.distanceMm <= 2400 && measure.validShare >= 0.5,
    );
    expect(near.length).toBeGreaterThan(15);
    expect(near.filter(({ verdict }) => verdict === 'accept').length / near.length).toBeGreaterThanOrEqual(0.8);
  });

  it('accepts no wall, board or lid', async () => {
    const things = await judged(THINGS);
    expect(things.filter(({ verdict }) => verdict === 'accept')).toEqual([]);
    expect(things.filter(({ verdict }) => verdict !== 'unknown').length).toBeGreaterThan(5);
  });
});
