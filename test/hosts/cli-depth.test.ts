// mien depth on pictures that are made here, and mien bench depth.
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CAMERAS } from '../../src/main/core/depth/pinhole.ts';
import { Ellipsoid, rotation, Sheet } from '../../src/main/science/depth/solids.ts';
import { exactDepth, writeColorPicture, writeDepthPicture } from '../fixtures/depth.ts';
import { Workplace } from '../fixtures/cli.ts';

type Numbers = readonly [number, number, number, number];

interface Report {
  readonly sensor: string;
  readonly registered: boolean;
  readonly faces: readonly {
    readonly box: Numbers;
    readonly verdict: string;
    readonly distance_mm: number | null;
    readonly face_width_mm: number | null;
    readonly valid_share: number | null;
  }[];
}

const place = new Workplace();
afterAll(() => place.remove());

const [color, depth] = [place.at('colour.png'), place.at('depth.png')];

function listed(boxes: unknown): string {
  const file = place.at('boxes.json');
  writeFileSync(file, JSON.stringify(boxes));
  return file;
}

const judge = (colorFile: string, depthFile: string, boxes: unknown): Promise<Report> =>
  place.json<Report>(['depth', colorFile, depthFile, '--boxes', listed(boxes)]);

beforeAll(async () => {
  // A ball of a head's size on the left, a sheet on the right, both 1 m away, before a wall.
  const things = [
    new Ellipsoid('skin', [-200, 0, 1075], [75, 75, 75]),
    new Sheet([200, 0, 1000], { width: 250, height: 300 }, rotation(20, 0, 0)),
    new Sheet([0, 0, 1800], { width: 9000, height: 9000 }, rotation(0, 0, 0)),
  ];
  const { mm, width, height } = exactDepth(things);
  await writeDepthPicture(depth, mm, width, height);
  await writeColorPicture(color, '#456', width, height);
});

/** 130 mm wide and high, 200 mm beside the middle: f = 365. */
const HALF = (65 * 365) / 1000;
const at = (x: number, scale = 1): Numbers => {
  const center = CAMERAS.v2Depth.centerX + (x * 365) / 1000;
  return [scale * (center - HALF), scale * (212 - HALF), scale * 2 * HALF, scale * 2 * HALF];
};

describe('mien depth', () => {
  it('says what is a face and what is a picture, with distance and width', async () => {
    const { sensor, registered, faces } = await judge(color, depth, [at(-200), at(200)]);
    expect({ sensor, registered }).toEqual({ sensor: 'kinect-v2', registered: false });
    expect(faces.map(({ verdict }) => verdict)).toEqual(['accept', 'flat']);
    expect(faces[1]?.box).toEqual(at(200));
    expect(faces[1]?.face_width_mm).toBeCloseTo((130 * (faces[1]?.distance_mm ?? NaN)) / 1000, 6);
    expect(Math.abs((faces[1]?.distance_mm ?? NaN) - 1000)).toBeLessThan(20);
    expect(faces[1]?.valid_share).toBe(1);
  });

  it('says in words what it found', async () => {
    const { code, stdout } = await place.run(['depth', color, depth, '--boxes', listed([at(-200), at(200)])]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/a face +\d{4} +\d{3}/);
    expect(stdout).toMatch(/flat/);
  });

  it('looks for faces where no boxes are given', async () => {
    const { faces } = await place.json<Report>(['depth', color, depth]);
    expect(faces).toEqual([]);
  });

  it('says what is wrong with the list of boxes', async () => {
    const { code, stderr } = await place.run(['depth', color, depth, '--boxes', listed([[1, 2, 0, 3]])]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^mien: The list of boxes .+ Give a JSON list of \[x, y, width, height\]/m);
  });
});

describe('mien bench depth', () => {
  interface Row {
    readonly sensor: string;
    readonly scene: string;
    readonly distance_mm: number;
    readonly scenes: number;
    readonly accepted: number;
    readonly rejected: number;
    readonly unknown: number;
  }

  it('counts every scene of every row, by one frame and by eight', async () => {
    const words = ['bench', 'depth', '--scenes', '1'];
    const { rows, averaged } = await place.json<{
      readonly rows: readonly Row[];
      readonly averaged: { readonly frames: number; readonly common_noise: number; readonly rows: readonly Row[] };
    }>(words);
    expect(averaged).toMatchObject({ frames: 8, common_noise: 0.5 });
    expect(rows).toHaveLength(56);
    for (const row of [...rows, ...averaged.rows]) {
      expect(row.scenes).toBe(1);
      expect(row.accepted + row.rejected + row.unknown).toBe(1);
    }
    expect(rows[0]).toMatchObject({ sensor: 'kinect-v1', scene: 'face', distance_mm: 600 });
    expect(new Set(rows.map(({ scene }) => scene))).toEqual(new Set(['face', 'photo', 'poster', 'bent_photo']));
  });
});
