// A Kinect's recording from end to end: somebody, and beside them a photograph of somebody else.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DepthFrames } from '../../src/main/sources/depth-frames.ts';
import { Workplace } from '../fixtures/cli.ts';
import { FACE_MM, writeScene } from '../fixtures/depth-scene.ts';
import { startAnalyzer } from '../fixtures/inference-frames.ts';

const FRAMES = 24;

const place = new Workplace();
const folder = place.at('recording');
afterAll(() => place.remove());

beforeAll(
  () =>
    writeScene(
      folder,
      Array.from({ length: FRAMES }, (_, i) => (1000 * i) / 30),
    ),
  120_000,
);

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
