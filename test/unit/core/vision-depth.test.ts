// Faces that depth tells from pictures of faces.
import { describe, expect, it } from 'vitest';
import type { DepthMap } from '../../../src/main/core/depth/frame.ts';
import { VisionStage, type VisionReport } from '../../../src/main/core/vision.ts';
import { FakeFaces, fakeFrame, type FakeFace } from '../../fixtures/fake-faces.ts';
import { somebody } from '../../fixtures/fake-identity.ts';
import { fakeProfile } from '../../fixtures/fake-profile.ts';

const LIVING: FakeFace = { x: 80, y: 100, embedding: somebody(0) };
const PHOTOGRAPH: FakeFace = { x: 240, y: 100, embedding: somebody(1) };
const SCENE = [LIVING, PHOTOGRAPH];

const [WIDTH, HEIGHT, FOCAL_PX] = [320, 240, 525];
/** At this distance a box of 60 pixels is 150 mm wide. */
const FACE_MM = 1312;
const WALL_MM = 2600;
const HEAD_RADIUS_MM = 85;

type Thing = 'head' | 'card' | 'nothing';

/** Depth of a wall, with something in front of it in the place of each face. */
function depthOf(things: readonly (readonly [FakeFace, Thing])[]): DepthMap {
  const mm = new Uint16Array(WIDTH * HEIGHT).fill(WALL_MM);
  const mmPerPx = FACE_MM / FOCAL_PX;
  for (const [face, thing] of things) {
    for (let y = 0; y < HEIGHT; y++) {
      for (let x = 0; x < WIDTH; x++) {
        const [across, down] = [mmPerPx * (x - face.x), mmPerPx * (y - face.y)];
        const back = (across ** 2 + (0.8 * down) ** 2) / HEAD_RADIUS_MM ** 2;
        if (thing === 'head' && back < 1) mm[y * WIDTH + x] = FACE_MM + HEAD_RADIUS_MM * (1 - Math.sqrt(1 - back));
        if (thing === 'card' && Math.abs(across) < 105 && Math.abs(down) < 140) mm[y * WIDTH + x] = FACE_MM;
        if (thing === 'nothing' && Math.abs(across) < 130 && Math.abs(down) < 160) mm[y * WIDTH + x] = 0;
      }
    }
  }
  const middle = { centerX: WIDTH / 2, centerY: HEIGHT / 2 };
  return { width: WIDTH, height: HEIGHT, mm, focalPx: FOCAL_PX, ...middle, sensor: 'kinect-v1' };
}

class Film {
  readonly faces = new FakeFaces();
  readonly stage = new VisionStage(this.faces, {
    identification: true,
    stills: false,
    participants: null,
    profile: fakeProfile(),
  });
  #next = 0;

  /** So many frames of the scene; the report of the last. `depth`: null for a camera without. */
  async show(frames: number, depth: DepthMap | null): Promise<VisionReport> {
    this.faces.scene = SCENE;
    const look = (): Promise<VisionReport> => {
      const frame = fakeFrame(this.#next++, 100, WIDTH, HEIGHT);
      return this.stage.process(depth ? { ...frame, depth } : frame);
    };
    for (let i = 1; i < frames; i++) await look();
    return look();
  }

  /** How many people there are, when all is over. */
  get people(): number {
    const { segments } = this.stage.finish();
    return new Set(segments.flatMap(({ person }) => person ?? [])).size;
  }
}

const REAL = depthOf([
  [LIVING, 'head'],
  [PHOTOGRAPH, 'card'],
]);
const verdictsOf = ({ faces }: VisionReport): unknown[] => faces.map(({ depth }) => depth?.verdict ?? null);

describe('a photograph of a face beside a living one', () => {
  it('is rejected, and never becomes a person', async () => {
    const film = new Film();
    const report = await film.show(60, REAL);
    expect(verdictsOf(report)).toEqual(['accept', 'flat']);
    const [living, photograph] = report.faces;
    expect(living.depth?.distanceMm).toBeCloseTo(FACE_MM, -2);
    expect(living.depth?.widthMm).toBeCloseTo(150, -1);
    const { persons, segments } = film.stage.finish();
    const personOf = (id: number): number | null => segments.find((segment) => segment.id === id)?.person ?? null;
    expect(personOf(photograph.segment)).toBeNull();
    expect(persons.length + segments.length).toBeGreaterThan(0);
  });

  it('is one person, and two by colour alone', async () => {
    const [seeing, colour] = [new Film(), new Film()];
    await seeing.show(60, REAL);
    const { faces } = await colour.show(60, null);
    expect(faces.map(({ depth }) => depth)).toEqual([null, null]);
    expect([seeing.people, colour.people]).toEqual([1, 2]);
  });

  it('has one segment from its first frame to its last', async () => {
    const film = new Film();
    const { faces } = await film.show(7, REAL);
    await film.show(3, REAL);
    const { segments } = film.stage.finish();
    const own = segments.filter(({ id }) => id === faces[1].segment);
    expect(own.at(-1)).toMatchObject({ firstSequence: 0, lastSequence: 9, person: null });
  });

  it('is not believed where depth cannot tell for a while', async () => {
    const film = new Film();
    await film.show(10, REAL);
    const blind = depthOf([
      [LIVING, 'head'],
      [PHOTOGRAPH, 'nothing'],
    ]);
    expect(verdictsOf(await film.show(30, blind))).toEqual(['accept', 'flat']);
    expect(film.people).toBe(1);
  });
});

describe('a face of which depth says nothing', () => {
  it('is somebody as by colour alone', async () => {
    const film = new Film();
    const blind = depthOf(SCENE.map((face) => [face, 'nothing']));
    const report = await film.show(60, blind);
    expect(verdictsOf(report)).toEqual(['unknown', 'unknown']);
    expect(report.faces.map(({ depth }) => depth?.distanceMm)).toEqual([NaN, NaN]);
    expect(film.people).toBe(2);
  });

  it('is a person from the moment at which the card is taken away', async () => {
    const film = new Film();
    await film.show(10, REAL);
    const both = depthOf(SCENE.map((face) => [face, 'head']));
    expect(verdictsOf(await film.show(40, both))).toEqual(['accept', 'accept']);
    expect(film.people).toBe(2);
  });
});
