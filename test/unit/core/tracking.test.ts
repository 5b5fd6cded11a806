import { describe, expect, it } from 'vitest';
import { FaceTracker, type TrackingResult } from '../../../src/main/core/tracking.ts';
import { FakeFaces, boxAround, degreesFor, fakeFrame, type FakeFace } from '../../fixtures/fake-faces.ts';

const DETECT_EVERY = 15;
const SEARCH_EVERY = 5;

const GRAY = 100;
const OTHER_GRAY = 200;

/** A tracker, what it looks at, and the number of the next frame. */
class Film {
  readonly faces = new FakeFaces();
  readonly #tracker: FaceTracker;
  #next = 0;
  #gray = GRAY;

  constructor(isUncut = false) {
    const options = { minDetectionScore: 0.5, detectEveryFrames: DETECT_EVERY, searchEveryFrames: SEARCH_EVERY };
    this.#tracker = new FaceTracker(this.faces, options, isUncut);
  }

  frame(...scene: readonly FakeFace[]): Promise<TrackingResult> {
    this.faces.scene = scene;
    return this.#tracker.track(fakeFrame(this.#next++, this.#gray));
  }

  /** Frames until the one with the number `end`, which is left to the next call; returns the last. */
  async until(end: number, ...scene: readonly FakeFace[]): Promise<TrackingResult> {
    while (this.#next < end - 1) await this.frame(...scene);
    return this.frame(...scene);
  }

  /** Lets so many frames pass that nobody sees. */
  wait(frames: number): void {
    this.#next += frames;
  }

  cut(...scene: readonly FakeFace[]): Promise<TrackingResult> {
    this.#gray = GRAY + OTHER_GRAY - this.#gray;
    return this.frame(...scene);
  }
}

const tracksOf = ({ faces }: TrackingResult): number[] => faces.map((face) => face.track);

const LEFT: FakeFace = { x: 80, y: 100 };
const RIGHT: FakeFace = { x: 240, y: 100 };

describe('a face that is found', () => {
  it('is described by its mesh and by the detection that found it', async () => {
    const { faces, searched, cut } = await new Film().frame({ x: 100, y: 90, size: 40, logit: 2, score: 0.8 });
    expect({ searched, cut }).toEqual({ searched: true, cut: false });
    expect(faces).toHaveLength(1);
    expect(faces[0]).toMatchObject({ track: 1, isNew: true, isDoubtful: false, ageFrames: 1, detectorScore: 0.8 });
    expect(faces[0].box).toEqual({ x: 80, y: 70, width: 40, height: 40 });
    expect(faces[0].faceLogit).toBe(2);
    expect(faces[0].trackScore).toBeCloseTo(1 / (1 + Math.exp(-2)), 12);
    // iBUG's 36 is the outer corner of the right eye, a quarter of the face to the left of the middle.
    expect([...faces[0].landmarks.subarray(72, 74)]).toEqual([90, 85]);
  });

  it('is new in its first frame only and grows older with every frame', async () => {
    const film = new Film();
    await film.frame(LEFT);
    const { faces } = await film.frame(LEFT);
    expect(faces[0]).toMatchObject({ track: 1, isNew: false, ageFrames: 2 });
  });

  it('gets the lower number the surer the detection was', async () => {
    const { faces } = await new Film().frame({ ...LEFT, score: 0.6 }, { ...RIGHT, score: 0.9 });
    expect(faces.map((face) => [face.track, face.box.x])).toEqual([
      [1, boxAround(RIGHT.x, RIGHT.y).x],
      [2, boxAround(LEFT.x, LEFT.y).x],
    ]);
  });

  it('begins no track when the detection scores less than the options ask for', async () => {
    expect((await new Film().frame({ ...LEFT, score: 0.49 })).faces).toEqual([]);
  });

  it.each([1, 2])('begins no track when look %i of the mesh network sees no face there', async (look) => {
    const film = new Film();
    film.faces.blindMesh(look);
    const { faces, searched } = await film.frame(LEFT);
    expect(faces).toEqual([]);
    expect(searched).toBe(true);
  });

  it('is looked at again where the first look saw its points, not where the detector drew its box', async () => {
    const film = new Film();
    await film.frame({ ...LEFT, detectorShift: 20 });
    const [first, second] = film.faces.regions.map(([region]) => region);
    expect(first).toEqual({ center: { x: LEFT.x + 20, y: LEFT.y }, size: 90, angle: 0 });
    expect(second).toEqual({ center: { x: LEFT.x, y: LEFT.y }, size: 90, angle: 0 });
  });

  it('is followed from its last points, so that the detector is not needed', async () => {
    const film = new Film();
    await film.frame(LEFT);
    for (let i = 1; i < DETECT_EVERY; i++) {
      const { faces, searched } = await film.frame({ x: LEFT.x + 10 * i, y: LEFT.y });
      expect(tracksOf({ faces, searched, cut: false })).toEqual([1]);
      expect(faces[0].box).toEqual(boxAround(LEFT.x + 10 * i, LEFT.y));
      expect(searched).toBe(false);
    }
  });
});

describe('the detector', () => {
  it('runs on the first frame and then every so many frames while all faces are followed', async () => {
    const film = new Film();
    await film.until(2 * DETECT_EVERY + 1, LEFT);
    expect(film.faces.detected).toEqual([0, 15, 30]);
  });

  it('runs more often while fewer faces are seen than before', async () => {
    const film = new Film();
    await film.frame(LEFT, RIGHT);
    await film.until(17, LEFT);
    // Frame 1 because a face was lost there.
    expect(film.faces.detected).toEqual([0, 1, 6, 11, 16]);
  });

  it('runs as seldom as before once everybody is back', async () => {
    const film = new Film();
    await film.frame(LEFT, RIGHT);
    await film.until(4, LEFT);
    expect(tracksOf(await film.until(7, LEFT, RIGHT))).toEqual([1, 3]);
    await film.until(22, LEFT, RIGHT);
    expect(film.faces.detected).toEqual([0, 1, 6, 21]);
  });

  it('runs on every frame while no face is followed', async () => {
    const film = new Film();
    const { faces, searched } = await film.until(3);
    expect({ faces, searched }).toEqual({ faces: [], searched: true });
    expect(film.faces.detected).toEqual([0, 1, 2]);
  });

  it('runs on the very frame in which a face is lost, also when others are followed', async () => {
    const film = new Film();
    await film.until(3, LEFT, RIGHT);
    const { faces, searched } = await film.frame(RIGHT);
    expect(tracksOf({ faces, searched, cut: false })).toEqual([2]);
    expect(searched).toBe(true);
    expect(film.faces.detected).toEqual([0, 3]);
  });

  it('runs on the first frame behind a cut, where every track begins anew', async () => {
    const film = new Film();
    await film.until(3, LEFT);
    const { faces, searched, cut } = await film.cut(LEFT);
    expect({ searched, cut }).toEqual({ searched: true, cut: true });
    expect(faces).toHaveLength(1);
    expect(faces[0]).toMatchObject({ track: 2, isNew: true, isDoubtful: false, ageFrames: 1 });
    expect(film.faces.detected).toEqual([0, 3]);
  });

  it('knows no cuts before a camera: a face that stays is followed on, whatever the picture does', async () => {
    const film = new Film(true);
    await film.until(3, LEFT);
    const { faces, searched, cut } = await film.cut(LEFT);
    expect({ searched, cut }).toEqual({ searched: false, cut: false });
    expect(faces).toHaveLength(1);
    expect(faces[0]).toMatchObject({ track: 1, isNew: false, ageFrames: 4 });
  });

  it('begins anew before a camera that was gone for a while: somebody else may sit there', async () => {
    const film = new Film(true);
    await film.until(3, LEFT);
    film.wait(30);
    const { faces, cut } = await film.frame(LEFT);
    expect(cut).toBe(true);
    expect(faces[0]).toMatchObject({ track: 2, isNew: true });
  });

  it('finds a second face beside one that is followed without disturbing it', async () => {
    const film = new Film();
    await film.frame(LEFT);
    expect(tracksOf(await film.until(DETECT_EVERY, LEFT, RIGHT))).toEqual([1]);
    const { faces } = await film.frame(LEFT, RIGHT);
    expect(faces.map(({ track, isNew, ageFrames }) => ({ track, isNew, ageFrames }))).toEqual([
      { track: 1, isNew: false, ageFrames: 16 },
      { track: 2, isNew: true, ageFrames: 1 },
    ]);
  });

  it('renews the score of the tracks that it confirms', async () => {
    const film = new Film();
    await film.frame({ ...LEFT, score: 0.9 });
    expect((await film.until(DETECT_EVERY, { ...LEFT, score: 0.7 })).faces[0].detectorScore).toBe(0.9);
    expect((await film.frame({ ...LEFT, score: 0.7 })).faces[0].detectorScore).toBe(0.7);
  });
});

describe('half a face at the edge', () => {
  const HALF: FakeFace = { x: 318, y: 100, isHalf: true };

  it('is sought in the first frame and then in every second search', async () => {
    const film = new Film();
    await film.until(4 * DETECT_EVERY + 1, LEFT);
    expect(film.faces.edgesSearched).toEqual([0, 30, 60]);
  });

  it('is sought no more often while nobody is seen', async () => {
    const film = new Film();
    await film.until(2 * DETECT_EVERY + 1);
    expect(film.faces.detected).toHaveLength(2 * DETECT_EVERY + 1);
    expect(film.faces.edgesSearched).toEqual([0, 30]);
  });

  it('is sought behind a cut', async () => {
    const film = new Film();
    await film.until(3, LEFT);
    await film.cut(LEFT);
    expect(film.faces.edgesSearched).toEqual([0, 3]);
  });

  it('is followed in a mirror beside a whole one', async () => {
    const film = new Film();
    await film.frame(LEFT, HALF);
    const { faces } = await film.until(3 * DETECT_EVERY, LEFT, HALF);
    expect(faces.map(({ track, ageFrames }) => ({ track, ageFrames }))).toEqual([
      { track: 1, ageFrames: 45 },
      { track: 2, ageFrames: 45 },
    ]);
  });

  it.each([
    ['a sure score', { score: 0.6 }],
    ['a sure mesh', { logit: 3 }],
  ])('needs %s', async (_, doubt) => {
    expect(tracksOf(await new Film().frame(LEFT, { ...HALF, ...doubt }))).toEqual([1]);
    expect(tracksOf(await new Film().frame(LEFT, HALF))).toEqual([1, 2]);
  });

  it('begins no track where a whole face was found or is followed', async () => {
    const film = new Film();
    expect(tracksOf(await film.frame(LEFT, { ...HALF, x: LEFT.x + 20 }))).toEqual([1]);
    expect(
      tracksOf(await film.until(2 * DETECT_EVERY + 1, { ...LEFT, score: 0 }, { ...HALF, x: LEFT.x + 20 })),
    ).toEqual([1]);
    expect(film.faces.edgesSearched).toEqual([0, 30]);
  });

  it('is not missed by searches for whole faces, and is dropped when its edge was searched in vain four times', async () => {
    const film = new Film();
    const doubtful = { ...HALF, logit: 5 };
    await film.frame(LEFT, doubtful);
    const missing = { ...doubtful, score: 0.3 };
    expect(tracksOf(await film.until(8 * DETECT_EVERY, LEFT, missing))).toEqual([1, 2]);
    expect(tracksOf(await film.frame(LEFT, missing))).toEqual([1]);
    expect(film.faces.edgesSearched).toEqual([0, 30, 60, 90, 120]);
  });

  it('keeps its number when it is lost for a frame', async () => {
    const film = new Film();
    await film.until(7, LEFT, HALF);
    film.faces.blindMesh(2); // the mesh of the half face, behind that of the whole one
    const { faces } = await film.frame(LEFT, HALF);
    expect(faces.map(({ track, ageFrames }) => ({ track, ageFrames }))).toEqual([
      { track: 1, ageFrames: 8 },
      { track: 2, ageFrames: 8 },
    ]);
    expect(film.faces.edgesSearched).toEqual([0, 7]);
  });

  it('is sought at once when a whole face is lost that the edge cuts', async () => {
    const film = new Film();
    await film.until(7, LEFT, { ...HALF, isHalf: false });
    const { faces } = await film.frame(LEFT, HALF);
    expect(faces.map(({ track }) => track)).toEqual([1, 2]);
  });

  it('becomes a whole one under the same number when the detector finds it whole', async () => {
    const film = new Film();
    await film.frame(LEFT, HALF);
    const whole = { ...HALF, isHalf: false, x: 300 };
    await film.until(DETECT_EVERY, LEFT, { ...HALF, x: 300 });
    expect(tracksOf(await film.frame(LEFT, whole))).toEqual([1, 2]);
    expect(tracksOf(await film.until(20, LEFT, whole))).toEqual([1, 2]);
  });
});

describe('a face that is lost', () => {
  it('keeps its track when the detector finds it at once near its old place', async () => {
    const film = new Film();
    await film.until(3, LEFT);
    film.faces.blindMesh(1);
    // 20 of 60 pixels to the right: the boxes overlap by a half.
    const { faces, searched } = await film.frame({ x: LEFT.x + 20, y: LEFT.y });
    expect(searched).toBe(true);
    expect(faces).toHaveLength(1);
    expect(faces[0]).toMatchObject({ track: 1, isNew: false, ageFrames: 4, isDoubtful: false });
    expect(faces[0].box).toEqual(boxAround(LEFT.x + 20, LEFT.y));
  });

  it('begins a new track when it is found elsewhere', async () => {
    const film = new Film();
    await film.until(3, LEFT);
    // 40 of 60 pixels to the right: the boxes overlap by a fifth, a quarter is asked for.
    film.faces.blindMesh(1);
    const { faces } = await film.frame({ x: LEFT.x + 40, y: LEFT.y });
    expect(faces).toHaveLength(1);
    expect(faces[0]).toMatchObject({ track: 2, isNew: true, ageFrames: 1 });
  });

  it('begins a new track when it was gone for a frame', async () => {
    const film = new Film();
    await film.until(3, LEFT);
    expect((await film.frame()).faces).toEqual([]);
    expect(tracksOf(await film.frame(LEFT))).toEqual([2]);
  });

  it('is doubtful when what is found in its place does not look like it', async () => {
    const film = new Film();
    await film.until(3, LEFT);
    film.faces.blindMesh(1);
    const { faces } = await film.frame({ ...LEFT, lookDeg: degreesFor(0.4) });
    expect(faces[0]).toMatchObject({ track: 1, isDoubtful: true });
  });

  it('does not take the detection of a face that is followed', async () => {
    const film = new Film();
    const beside: FakeFace = { x: LEFT.x + 24, y: LEFT.y }; // the boxes overlap by 3/7: two faces, close together
    await film.until(3, LEFT, beside);
    expect(tracksOf(await film.frame({ ...LEFT, logit: -1, score: 0 }, beside))).toEqual([2]);
  });
});

describe('a track that the detector does not confirm', () => {
  const unseen = (logit: number): FakeFace => ({ ...LEFT, logit, score: 0 });

  it('is dropped when the detector has missed it four times and its mesh is not surely a face', async () => {
    const film = new Film();
    await film.frame({ ...LEFT, logit: 7.9 });
    expect(tracksOf(await film.until(4 * DETECT_EVERY, unseen(7.9)))).toEqual([1]);
    expect(tracksOf(await film.frame(unseen(7.9)))).toEqual([]);
    expect(film.faces.detected).toEqual([0, 15, 30, 45, 60]);
  });

  it('is kept as long as its mesh is surely a face', async () => {
    const film = new Film();
    await film.frame({ ...LEFT, logit: 8 });
    expect(tracksOf(await film.until(10 * DETECT_EVERY + 1, unseen(8)))).toEqual([1]);
  });

  it('is given four more misses when the detector has found it in between', async () => {
    const film = new Film();
    const unsure: FakeFace = { ...LEFT, logit: 1 };
    await film.frame(unsure);
    await film.until(3 * DETECT_EVERY + 1, unseen(1)); // missed in frames 15, 30 and 45
    await film.until(4 * DETECT_EVERY + 1, unsure); // found in frame 60
    expect(tracksOf(await film.until(8 * DETECT_EVERY, unseen(1)))).toEqual([1]);
    expect(tracksOf(await film.frame(unseen(1)))).toEqual([]);
  });
});

describe('two tracks on one face', () => {
  const front: FakeFace = { x: 100, y: 100 };
  const behind: FakeFace = { x: 124, y: 100 };

  it('become one: the younger is dropped when its face vanishes behind the other', async () => {
    const film = new Film();
    await film.until(3, front, behind);
    expect(tracksOf(await film.frame(front))).toEqual([1]);
  });

  it('come from a detection that is drawn beside the face that it means, and do not last', async () => {
    const film = new Film();
    await film.frame(LEFT);
    // Shifted by 40 of 60 pixels the box overlaps too little with the track, but the mesh finds the same face.
    const { faces } = await film.until(DETECT_EVERY + 1, { ...LEFT, detectorShift: 40 });
    expect(tracksOf({ faces, searched: true, cut: false })).toEqual([1]);
    expect(faces[0]).toMatchObject({ isNew: false, ageFrames: 16 });
  });

  it('are kept apart as long as their boxes overlap by little more than a half at most', async () => {
    const film = new Film();
    // 18 of 60 pixels apart: 42 / 78 = 0.538.
    expect(tracksOf(await film.until(20, front, { x: 118, y: 100 }))).toEqual([1, 2]);
  });
});

describe('two faces that cross', () => {
  it('keep their tracks when both are seen all the time', async () => {
    const film = new Film();
    let last: TrackingResult | null = null;
    // They meet in frame 16 at x = 160, one 40 pixels below the other.
    for (let i = 0; i <= 32; i++) last = await film.frame({ x: 80 + 5 * i, y: 80 }, { x: 240 - 5 * i, y: 120 });
    expect(last?.faces.map(({ track, box }) => ({ track, box }))).toEqual([
      { track: 1, box: boxAround(240, 80) },
      { track: 2, box: boxAround(80, 120) },
    ]);
  });

  it('keep the track of the older face in front, and give a new one to the other when it comes out again', async () => {
    const film = new Film();
    const older = { lookDeg: 0, y: 100 };
    const younger = { lookDeg: degreesFor(0.4), y: 100 };
    await film.until(3, { ...older, x: 80 }, { ...younger, x: 104 });
    const covered = await film.frame({ ...older, x: 100 });
    expect(covered.faces.map(({ track, isDoubtful }) => ({ track, isDoubtful }))).toEqual([
      { track: 1, isDoubtful: false },
    ]);
    // Searched for every five frames: the face was lost in frame 3, so frame 8 finds it.
    const apart = await film.until(9, { ...older, x: 100 }, { ...younger, x: 60 });
    expect(apart.faces.map(({ track, box }) => ({ track, box }))).toEqual([
      { track: 1, box: boxAround(100, 100) },
      { track: 3, box: boxAround(60, 100) },
    ]);
  });

  it.each([
    ['other', 0.4],
    ['hardly other', 0.95], // the picture alone gives no reason for doubt, but two tracks have run into one face
  ])(
    'do not hand the older track on in silence when the younger face covers the older (%s looks)',
    async (_, alike) => {
      const film = new Film();
      const younger = { y: 100, lookDeg: degreesFor(alike) };
      await film.until(3, { x: 80, y: 100 }, { ...younger, x: 104 });
      const { faces } = await film.frame({ ...younger, x: 90 });
      // Either the younger track goes on, or the older one says that this may be somebody else.
      expect(faces).toHaveLength(1);
      expect(faces.filter(({ track, isDoubtful }) => track === 1 && !isDoubtful)).toEqual([]);
    },
  );
});

describe('doubt', () => {
  it('is raised in the one frame in which the picture inside the region has become another', async () => {
    const film = new Film();
    await film.until(3, LEFT);
    const other: FakeFace = { ...LEFT, lookDeg: degreesFor(0.4) };
    expect((await film.frame(other)).faces[0]).toMatchObject({ track: 1, isDoubtful: true });
    expect((await film.frame(other)).faces[0]).toMatchObject({ track: 1, isDoubtful: false });
  });

  it('is not raised by the small changes of a face that moves', async () => {
    const film = new Film();
    await film.frame(LEFT);
    for (let i = 1; i <= 10; i++) {
      const { faces } = await film.frame({ ...LEFT, lookDeg: i * degreesFor(0.95) });
      expect(faces[0].isDoubtful).toBe(false);
    }
  });

  it('concerns the one face that has changed', async () => {
    const film = new Film();
    await film.until(3, LEFT, RIGHT);
    const { faces } = await film.frame(LEFT, { ...RIGHT, lookDeg: degreesFor(0.4) });
    expect(faces.map(({ track, isDoubtful }) => ({ track, isDoubtful }))).toEqual([
      { track: 1, isDoubtful: false },
      { track: 2, isDoubtful: true },
    ]);
  });
});

describe('tiny frames', () => {
  const tracker = (faces: FakeFaces): FaceTracker =>
    new FaceTracker(faces, { minDetectionScore: 0.5, detectEveryFrames: 15, searchEveryFrames: 5 });

  it.each([
    [15, 240],
    [320, 15],
  ])('of %i × %i pixels hold no face and are not shown to the networks', async (width, height) => {
    const faces = new FakeFaces();
    faces.scene = [{ x: 8, y: 8 }];
    expect(await tracker(faces).track(fakeFrame(0, GRAY, width, height))).toEqual({
      faces: [],
      searched: true,
      cut: false,
    });
    expect(faces.detected).toEqual([]);
  });

  it('are those below 16 pixels', async () => {
    const faces = new FakeFaces();
    faces.scene = [{ x: 8, y: 8, size: 10 }];
    expect(tracksOf(await tracker(faces).track(fakeFrame(0, GRAY, 16, 16)))).toEqual([1]);
  });
});
