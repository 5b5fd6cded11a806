// A Kinect's recording from end to end: somebody, and beside them a photograph of somebody else.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CAMERAS } from '../../src/main/core/depth/pinhole.ts';
import { Ellipsoid, Sheet, rotation, type Solid } from '../../src/main/science/depth/solids.ts';
import { rawPicture } from '../../src/main/science/depth/sensor.ts';
import { DepthFrames } from '../../src/main/sources/depth-frames.ts';
import { RecordingWriter } from '../../src/main/sources/kinect/recording-writer.ts';
import { Workplace } from '../fixtures/cli.ts';
import { startAnalyzer } from '../fixtures/inference-frames.ts';
import { PHOTOGRAPHS, cutFaces, type Pixels } from '../fixtures/photographs.ts';
import { seeded } from '../fixtures/seeded.ts';

const { width: WIDTH, height: HEIGHT, focalPx } = CAMERAS.v1Color;
const FRAMES = 24;
/** Squares with a face in the middle of each, which is about 95 pixels wide: 150 mm at this distance. */
const TILE = 160;
const FACE_MM = 850;
const LIVING = { x: 190, y: 230 };
const PHOTOGRAPH = { x: 450, y: 230 };

const acrossMm = (x: number): number => ((x - WIDTH / 2) * FACE_MM) / focalPx;
const downMm = (y: number): number => ((y - HEIGHT / 2) * FACE_MM) / focalPx;

/** A head on its shoulders, a sheet of paper held beside it, and the wall behind both. */
function solids(): Solid[] {
  const [x, y] = [acrossMm(LIVING.x), downMm(LIVING.y)];
  const upright = rotation(0, 0, 0);
  return [
    new Ellipsoid('skin', [x, y - 15, FACE_MM + 95], [77, 112, 96]),
    new Ellipsoid('skin', [x, y + 120, FACE_MM + 110], [60, 130, 58]),
    new Ellipsoid('cloth', [x, y + 460, FACE_MM + 120], [215, 300, 120]),
    new Sheet([acrossMm(PHOTOGRAPH.x), downMm(PHOTOGRAPH.y), FACE_MM], { width: 230, height: 300 }, upright),
    new Sheet([0, 0, 2400], { width: 20_000, height: 20_000 }, upright),
  ];
}

function put(rgb: Uint8Array, tile: Pixels, { x, y }: { readonly x: number; readonly y: number }): void {
  const [left, top] = [x - tile.width / 2, y - tile.height / 2];
  for (let row = 0; row < tile.height; row++) {
    const line = tile.data.subarray(3 * row * tile.width, 3 * (row + 1) * tile.width);
    rgb.set(line, 3 * ((top + row) * WIDTH + left));
  }
}

const place = new Workplace();
const folder = place.at('recording');
afterAll(() => place.remove());

beforeAll(async () => {
  const [, somebody, another] = await cutFaces(PHOTOGRAPHS[0], TILE);
  const rgb = new Uint8Array(3 * WIDTH * HEIGHT).fill(140);
  put(rgb, somebody, LIVING);
  put(rgb, another, PHOTOGRAPH);
  const writer = await RecordingWriter.create(folder, { mostMs: Infinity, mostBytes: Infinity }, 1_700_000_000_000);
  const random = seeded(11);
  const size = { width: WIDTH, height: HEIGHT };
  for (let sequence = 0; sequence < FRAMES; sequence++) {
    const hostMs = (1000 * sequence) / 30;
    const time = { deviceTime: 2_000_000 * sequence, hostMs };
    const disparity = rawPicture(solids(), random);
    await writer.write({
      ...{ sequence, color: { ...size, ...time, rgb }, depth: { ...size, ...time, kind: 'raw-11', disparity } },
      ...{ dropped: { color: 0, depth: 0 }, isAfterGap: false },
    });
  }
  await writer.close();
}, 120_000);

/** How many people there are in the recording. */
async function peopleIn(seesDepth: boolean): Promise<number> {
  const source = await DepthFrames.open(folder);
  const analyzer = await startAnalyzer({ identification: true });
  try {
    const persons = new Set<number>();
    for (;;) {
      const whole = await source.next(analyzer.allocate);
      if (!whole) break;
      const { depth, ...colour } = whole;
      const { news } = await analyzer.analyze(seesDepth && depth ? { ...colour, depth } : colour);
      for (const { person } of news.segments) if (person !== null) persons.add(person);
      analyzer.release(whole.slot);
    }
    for (const { person } of (await analyzer.finish()).segments) if (person !== null) persons.add(person);
    return persons.size;
  } finally {
    await analyzer.close();
    await source.close();
  }
}

describe('a photograph of a face beside a living one', () => {
  it('is two people by colour, and one with depth', async () => {
    expect([await peopleIn(false), await peopleIn(true)]).toEqual([2, 1]);
  }, 120_000);

  it('is listed by analyze as rejected, and in the files', async () => {
    const out = place.at('out');
    const { inputs } = await place.json<{ inputs: Record<string, unknown>[] }>(['analyze', folder, '--out', out]);
    const [report] = inputs;
    expect(report).toMatchObject({ ok: true, frames: FRAMES, persons: [{ id: 'P1', frames: FRAMES }] });
    const [rejected, ...others] = report.rejected_by_depth as Record<string, unknown>[];
    expect(others).toEqual([]);
    expect(rejected).toMatchObject({ first_frame: 0, last_frame: FRAMES - 1, frames: FRAMES, verdicts: ['flat'] });
    expect(Math.abs((rejected.distance_mm as number) - FACE_MM)).toBeLessThan(25);
  }, 120_000);

  it('is refused with a clear word where the folder is no recording', async () => {
    const { code, stderr } = await place.run(['analyze', `replay:${place.at('nowhere')}`, '--out', place.at('none')]);
    expect(code).toBe(3);
    expect(stderr).toContain('nowhere');
  });
});
