import { describe, expect, it } from 'vitest';
import type { KnownParticipant } from '../../../src/main/core/persons.ts';
import { VisionStage, type VisionOptions, type VisionReport } from '../../../src/main/core/vision.ts';
import { APPEARANCE, FakeFaces, boxAround, fakeFrame, type FakeFace } from '../../fixtures/fake-faces.ts';
import { between, somebody } from '../../fixtures/fake-identity.ts';
import { fakeProfile } from '../../fixtures/fake-profile.ts';

const ANNA = somebody(0);
const BEN = somebody(1);

const LEFT: FakeFace = { x: 80, y: 100, embedding: ANNA };
const RIGHT: FakeFace = { x: 240, y: 100, embedding: BEN };

/** A vision stage, what it looks at, and the number of the next frame. */
class Film {
  readonly faces = new FakeFaces();
  readonly stage: VisionStage;
  #next = 0;

  constructor(options: Partial<Omit<VisionOptions, 'profile'>> = {}) {
    this.stage = new VisionStage(this.faces, {
      identification: true,
      stills: false,
      participants: null,
      ...options,
      profile: fakeProfile(),
    });
  }

  frame(...scene: readonly FakeFace[]): Promise<VisionReport> {
    return this.#show(100, scene);
  }

  /** The first frame behind a cut. */
  cut(...scene: readonly FakeFace[]): Promise<VisionReport> {
    return this.#show(200, scene);
  }

  /** Frames that are all the same; returns the report of the last. */
  async frames(count: number, ...scene: readonly FakeFace[]): Promise<VisionReport> {
    for (let i = 1; i < count; i++) await this.frame(...scene);
    return this.frame(...scene);
  }

  enrol(code: string, ...scene: readonly FakeFace[]): Promise<number> {
    this.faces.scene = scene;
    return this.stage.enrol(code, fakeFrame(-1));
  }

  #show(gray: number, scene: readonly FakeFace[]): Promise<VisionReport> {
    this.faces.scene = scene;
    return this.stage.process(fakeFrame(this.#next++, gray));
  }
}

const withPicture: readonly KnownParticipant[] = [{ code: 'A07', claim: 'picture' }];

describe('the report of a frame', () => {
  it('holds every face with its place, its landmarks and its state', async () => {
    const { sequence, searched, cut, faces } = await new Film().frame({
      ...LEFT,
      occlusion: 0.25,
      score: 0.8,
      logit: 3,
    });
    expect({ sequence, searched, cut }).toEqual({ sequence: 0, searched: true, cut: false });
    expect(faces).toHaveLength(1);
    const [{ box, landmarks, detectorScore, quality, participant }] = faces;
    expect(box).toEqual(boxAround(80, 100));
    expect([...landmarks.subarray(60, 62)]).toEqual([80, 100]); // the tip of the nose
    expect(detectorScore).toBe(0.8);
    expect(participant).toBeNull();
    const { interocularPx, inside, occlusion, trackScore, pose, ...appearance } = quality;
    expect(appearance).toEqual(APPEARANCE);
    expect({ interocularPx, inside, occlusion }).toEqual({ interocularPx: 30, inside: 1, occlusion: 0.25 });
    expect(trackScore).toBeCloseTo(1 / (1 + Math.exp(-3)), 12);
    expect(pose.yawDeg).toBeCloseTo(0, 6);
    expect(pose.pitchDeg).toBeCloseTo(0, 6);
    expect(pose.rollDeg).toBeCloseTo(0, 6);
  });

  it('says how much of a face lies inside the frame', async () => {
    const { faces } = await new Film().frame({ x: 0, y: 100 });
    expect(faces[0].quality.inside).toBe(0.5);
  });

  it('gives every face its own share that is hidden', async () => {
    const { faces } = await new Film().frame(
      { ...LEFT, score: 0.9, occlusion: 0.1 },
      { ...RIGHT, score: 0.8, occlusion: 0.3 },
    );
    expect(faces.map(({ box, quality }) => [box.x, quality.occlusion])).toEqual([
      [50, 0.1],
      [210, 0.3],
    ]);
  });

  it('is empty where nobody is, and says whether anybody was looked for', async () => {
    const film = new Film();
    expect(await film.frame()).toEqual({ sequence: 0, searched: true, cut: false, faces: [] });
    await film.frame(LEFT);
    const { searched, faces } = await film.frame(LEFT);
    expect(searched).toBe(false);
    expect(faces).toHaveLength(1);
  });

  it('names the same segment as long as nothing is learned of a face', async () => {
    const film = new Film();
    const first = await film.frame(LEFT, RIGHT);
    const last = await film.frames(20, LEFT, RIGHT);
    expect(last.faces.map((face) => face.segment)).toEqual(first.faces.map((face) => face.segment));
    expect(new Set(last.faces.map((face) => face.segment)).size).toBe(2);
  });

  it('fails when a network that finds faces fails', async () => {
    const film = new Film();
    film.faces.detect = () => Promise.reject(new Error('no detector'));
    await expect(film.frame(LEFT)).rejects.toThrow('no detector');
  });
});

describe('what identity learns', () => {
  it('is told once: the person and the segments that changed', async () => {
    const film = new Film();
    const { faces } = await film.frames(5, LEFT);
    const news = film.stage.takeNews();
    expect(news.persons).toEqual([{ id: 1, participant: null }]);
    expect(news.segments).toHaveLength(1);
    expect(news.segments[0]).toMatchObject({ id: faces[0].segment, person: 1, firstSequence: 0 });
    expect(film.stage.takeNews()).toEqual({ segments: [], persons: [] });
  });

  it('does not change behind the back of whoever was told', async () => {
    const film = new Film();
    await film.frame(LEFT);
    const [open] = film.stage.takeNews().segments;
    await film.frames(9, LEFT);
    expect(open.person).toBeNull();
    expect(film.stage.takeNews().segments[0]).toMatchObject({ id: open.id, person: 1 });
  });

  it('is complete when the stage is finished', async () => {
    const film = new Film({ identification: false });
    await film.frames(10, LEFT);
    await film.frames(3);
    film.stage.takeNews();
    await film.frames(2, LEFT); // too young to be decided by its place
    expect(film.stage.takeNews().segments.map(({ person }) => person)).toEqual([null]);
    const { persons, segments } = film.stage.finish();
    expect(persons).toEqual([]);
    expect(segments.map(({ person, lastSequence }) => ({ person, lastSequence }))).toEqual([
      { person: 1, lastSequence: 14 },
    ]);
  });

  it('is as complete when the stage is asked for it, which goes on with the same faces', async () => {
    const film = new Film({ identification: false });
    await film.frames(10, LEFT);
    await film.frames(3);
    film.stage.takeNews();
    const { faces } = await film.frames(2, LEFT);
    film.stage.takeNews();
    const { persons, segments } = film.stage.settle();
    expect([persons, segments]).toMatchObject([[], [{ id: faces[0].segment, person: 1 }]]);
    expect(film.stage.settle()).toEqual({ segments: [], persons: [] });
    const later = await film.frames(5, LEFT);
    expect(later.faces[0].segment).toBe(faces[0].segment);
    expect(film.stage.finish().segments).toMatchObject([{ person: 1, lastSequence: 19 }]);
  });

  it('holds across a loss, a cut and another place', async () => {
    const film = new Film();
    await film.frames(6, LEFT);
    await film.frames(30);
    await film.frame({ ...LEFT, x: 250, y: 180 });
    await film.cut({ ...LEFT, x: 160, y: 60 });
    film.stage.finish();
    expect(film.stage.takeNews()).toEqual({ segments: [], persons: [] });
    expect(film.faces.embedded).toEqual([0, 1, 2, 3, 4, 36, 37]);
  });

  it('notices the film cut to somebody else in the same place', async () => {
    const film = new Film();
    await film.frames(10, LEFT);
    await film.cut({ ...LEFT, embedding: BEN });
    for (let i = 0; i < 5; i++) await film.cut({ ...LEFT, embedding: BEN });
    const { persons, segments } = film.stage.finish();
    expect(persons.map(({ id }) => id)).toEqual([1, 2]);
    expect(segments.map(({ person, firstSequence, lastSequence }) => [person, firstSequence, lastSequence])).toEqual([
      [1, 0, 9],
      [2, 10, 15],
    ]);
  });

  it('notices somebody else in the same place without a cut', async () => {
    const film = new Film();
    await film.frames(10, LEFT);
    const other: FakeFace = { ...LEFT, embedding: BEN, lookDeg: 90 };
    const { faces } = await film.frame(other);
    await film.frames(5, other);
    const { persons, segments } = film.stage.finish();
    expect(persons).toHaveLength(2);
    expect(segments.find(({ id }) => id === faces[0].segment)).toMatchObject({ person: 2, firstSequence: 10 });
  });
});

describe('two people who cross', () => {
  const anna: FakeFace = { x: 80, y: 100, embedding: ANNA };
  const ben: FakeFace = { x: 240, y: 100, embedding: BEN, lookDeg: 90 };

  /** Anna walks to the right and Ben to the left; from frame 10 to 14 only `front` is seen. */
  async function cross(film: Film, front: FakeFace): Promise<Map<number, number>> {
    const segments = new Map<number, number>();
    let last: VisionReport | null = null;
    for (let i = 0; i <= 24; i++) {
      const scene = [
        { ...anna, x: 80 + 6.5 * i },
        { ...ben, x: 240 - 6.5 * i },
      ].filter(({ embedding }) => i < 10 || i > 14 || embedding === front.embedding);
      last = await film.frame(...scene);
    }
    for (const { box, segment } of last?.faces ?? []) segments.set(Math.round(box.x), segment);
    return segments;
  }

  it.each([
    ['the first', anna],
    ['the second', ben],
  ])('keep their numbers when %s hides the other for a moment', async (_, front) => {
    const film = new Film();
    const last = await cross(film, front);
    const { persons, segments } = film.stage.finish();
    const personAt = (x: number): number | null | undefined =>
      segments.find(({ id }) => id === last.get(Math.round(x - 30)))?.person;
    expect(persons).toHaveLength(2);
    const first = segments.find(({ firstSequence, track }) => firstSequence === 0 && track === 1);
    expect(personAt(80 + 6.5 * 24)).toBe(first?.person);
    expect(personAt(240 - 6.5 * 24)).toBe(first?.person === 1 ? 2 : 1);
  });
});

describe('without identification', () => {
  it('nobody is embedded', async () => {
    const film = new Film({ identification: false });
    await film.frames(70, LEFT, RIGHT);
    expect(film.faces.embedded).toEqual([]);
    expect(film.stage.finish().persons).toHaveLength(2);
  });

  it('the place tells who comes back, but not behind a cut', async () => {
    const film = new Film({ identification: false });
    await film.frames(10, LEFT);
    await film.frame();
    const back = await film.frames(5, LEFT);
    const behind = await film.cut(LEFT);
    for (let i = 0; i < 4; i++) await film.cut(LEFT);
    const { segments, persons } = film.stage.finish();
    expect(persons).toHaveLength(2);
    const personOf = (report: VisionReport): number | null | undefined =>
      segments.find(({ id }) => id === report.faces[0].segment)?.person;
    expect(personOf(back)).toBe(1);
    expect(personOf(behind)).toBe(2);
  });
});

describe('stills', () => {
  it('are searched one by one; people are known again by their looks alone', async () => {
    const film = new Film({ stills: true });
    const reports = [
      await film.frame(LEFT, RIGHT),
      await film.frame({ ...LEFT, embedding: BEN }),
      await film.frame({ ...LEFT, embedding: ANNA }),
    ];
    expect(film.faces.detected).toEqual([0, 1, 2]);
    const { persons, segments } = film.stage.finish();
    expect(persons).toHaveLength(2);
    const personsOf = (report: VisionReport): (number | null | undefined)[] =>
      report.faces.map(({ segment }) => segments.find(({ id }) => id === segment)?.person);
    expect(reports.map(personsOf)).toEqual([[1, 2], [2], [1]]);
  });
});

describe('a reference picture', () => {
  it('makes its participant known at the first look', async () => {
    const film = new Film({ participants: withPicture });
    expect(await film.enrol('A07', LEFT)).toBe(1);
    const { faces } = await film.frame({ ...RIGHT, embedding: between(ANNA, 0.3, BEN) });
    expect(faces[0].participant).toBe('A07');
    expect(film.stage.takeNews().persons).toEqual([{ id: 1, participant: 'A07' }]);
  });

  it.each([
    [0, []],
    [2, [LEFT, RIGHT]],
  ])('with %i faces teaches nothing and says so', async (count, scene) => {
    const film = new Film({ participants: withPicture });
    expect(await film.enrol('A07', ...scene)).toBe(count);
    expect(film.faces.embedded).toEqual([]);
    expect(film.stage.finish()).toEqual({ segments: [], persons: [] });
  });

  it('leaves nothing that the film could go on from', async () => {
    const film = new Film({ participants: withPicture });
    await film.enrol('A07', LEFT);
    const { faces, searched } = await film.frame({ ...LEFT, embedding: BEN });
    expect(searched).toBe(true);
    expect(faces[0].participant).toBeNull();
    const { segments } = film.stage.finish();
    expect(segments).toHaveLength(1);
  });

  it('of each of two participants tells them apart', async () => {
    const film = new Film({ participants: [...withPicture, { code: 'A08', claim: 'picture' }] });
    await film.enrol('A07', LEFT);
    await film.enrol('A08', RIGHT);
    const { faces } = await film.frames(2, { ...LEFT, embedding: BEN }, { ...RIGHT, embedding: ANNA });
    expect(faces.map(({ box, participant }) => [box.x, participant])).toEqual([
      [50, 'A08'],
      [210, 'A07'],
    ]);
  });
});

describe('a bystander', () => {
  it('has a segment and a person but no participant, and is not embedded beside all participants', async () => {
    const film = new Film({ participants: withPicture });
    await film.enrol('A07', LEFT);
    await film.frames(5, LEFT);
    const looks = film.faces.embedded.length;
    const { faces } = await film.frames(20, LEFT, RIGHT);
    expect(faces.map((face) => face.participant)).toEqual(['A07', null]);
    expect(film.faces.embedded).toHaveLength(looks);
    const { persons } = film.stage.finish();
    expect(persons).toEqual([
      { id: 1, participant: 'A07' },
      { id: 2, participant: null },
    ]);
  });
});

describe('names given by hand', () => {
  const byHand: readonly KnownParticipant[] = ['A07', 'B08'].map((code) => ({ code, claim: 'hand' }));

  it('are in the report of the next frame, and the news say by whom', async () => {
    const film = new Film({ participants: byHand });
    await film.frames(10, LEFT, RIGHT);
    expect(film.faces.embedded).toEqual([]);
    const [{ track }] = film.stage.takeNews().segments.filter(({ firstSequence }) => firstSequence === 0);
    expect(film.stage.assign(track, 'A07')).toBe(true);
    expect(film.stage.assign(track + 100, 'A07')).toBe(false);
    const { faces } = await film.frame(LEFT, RIGHT);
    expect(faces.map(({ participant }) => participant)).toEqual(['A07', null]);
    const { segments } = film.stage.takeNews();
    expect(segments.find(({ id }) => id === faces[0].segment)).toMatchObject({
      track,
      firstSequence: 10,
      confidence: 1,
    });
  });

  it('are kept by whoever takes consent back, who is embedded no more', async () => {
    const film = new Film({ participants: byHand });
    await film.frames(10, LEFT, RIGHT);
    const tracks = [...new Set(film.stage.takeNews().segments.map(({ track }) => track))];
    tracks.forEach((track, i) => film.stage.assign(track, byHand[i].code));
    await film.frames(100, LEFT, RIGHT);
    const looks = film.faces.embedded.length;
    expect(looks).toBeGreaterThanOrEqual(4);
    film.stage.withdraw('A07');
    film.stage.withdraw('B08');
    const { faces } = await film.frames(200, LEFT, RIGHT);
    expect(faces.map(({ participant }) => participant)).toEqual(['A07', 'B08']);
    expect(film.faces.embedded).toHaveLength(looks);
  });
});
