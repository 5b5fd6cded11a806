import { describe, expect, it } from 'vitest';
import { confidenceOfDistance, embeddingDistance } from '../../../src/main/core/persons.ts';
import type { Quality } from '../../../src/main/core/quality.ts';
import { boxAround } from '../../fixtures/fake-faces.ts';
import {
  ANNA,
  AWAY,
  BEN,
  CLEAR,
  IdentityFilm,
  SURE,
  anna,
  ben,
  between,
  cleo,
  doubtful,
  unclear,
  type Sight,
} from '../../fixtures/fake-identity.ts';

describe('distances', () => {
  it('of embeddings are Euclidean', () => {
    expect(embeddingDistance(Float32Array.of(1, 2, 3), Float32Array.of(4, 6, 3))).toBe(5);
  });

  it.each([
    [0.3, 0.98],
    [0.45, 0.73],
    [0.5, 0.5],
    [0.61, 0.1],
  ])('of %f make the confidence %f', (distance, confidence) => {
    expect(confidenceOfDistance(distance)).toBeCloseTo(confidence, 2);
  });

  it('of the people of these tests are as their names say', () => {
    expect(embeddingDistance(ANNA, between(ANNA, 0.42, AWAY))).toBeCloseTo(0.42, 6);
    expect(embeddingDistance(ANNA, BEN)).toBeCloseTo(Math.SQRT2, 6);
  });
});

describe('a face that nobody has seen before', () => {
  it('becomes a new person in its fifth frame, from its first frame on', async () => {
    const film = new IdentityFilm();
    await film.frames(4, anna(1));
    expect(film.segment(1, 3).person).toBeNull();
    expect(film.persons).toEqual([]);
    await film.frame(anna(1));
    expect(film.segment(1, 4)).toMatchObject({ person: 1, source: 'embedding', confidence: 1, firstSequence: 0 });
    expect(film.segment(1, 0).id).toBe(film.segment(1, 4).id);
    expect(film.persons.map(({ id, participant }) => ({ id, participant }))).toEqual([{ id: 1, participant: null }]);
  });

  it('is a person when it was good enough for a look, though it is gone after a frame', async () => {
    const film = new IdentityFilm();
    await film.frame(anna(1));
    await film.frames(10);
    await film.frames(3, anna(2));
    film.end();
    expect([film.surePerson(1, 0), film.surePerson(2, 11)]).toEqual([1, 1]);
  });

  it('belongs to nobody when it is gone after four frames and was never good enough for a look', async () => {
    const film = new IdentityFilm();
    await film.frames(4, unclear(anna(1)));
    await film.frames(10);
    film.end();
    expect(film.segment(1, 0)).toMatchObject({ person: null, firstSequence: 0, lastSequence: 3 });
    expect(film.persons).toEqual([]);
  });

  it('becomes a new person although somebody else is known, after it has been looked at twice', async () => {
    const film = new IdentityFilm();
    await film.frames(10, anna(1));
    await film.frames(5, ben(2));
    const { person, source, firstSequence, confidence } = film.segment(2, 10);
    expect({ person, source, firstSequence }).toEqual({ person: 2, source: 'embedding', firstSequence: 10 });
    expect(confidence).toBeCloseTo(1, 5);
  });

  it('is one of two persons when two appear together', async () => {
    const film = new IdentityFilm();
    await film.frames(10, anna(1), ben(2));
    expect(film.surePerson(1, 0)).toBe(1);
    expect(film.surePerson(2, 0)).toBe(2);
    expect(film.persons).toHaveLength(2);
  });
});

describe('a person who leaves and comes back', () => {
  it('keeps the number at the first look, wherever the face is and however much later', async () => {
    const film = new IdentityFilm();
    await film.frames(10, anna(1));
    await film.frames(500);
    await film.frame({ track: 2, face: between(ANNA, 0.3, AWAY) });
    const { person, source, confidence, firstSequence } = film.segment(2, 510);
    expect({ person, source, firstSequence }).toEqual({ person: 1, source: 'embedding', firstSequence: 510 });
    expect(confidence).toBeCloseTo(confidenceOfDistance(0.3), 5);
  });

  it('keeps the number behind a cut', async () => {
    const film = new IdentityFilm();
    await film.frames(10, anna(1));
    await film.cut(anna(2));
    expect(film.surePerson(2, 10)).toBe(1);
  });

  it('is recognised by the mean of two looks when the first alone is not near enough', async () => {
    const film = new IdentityFilm();
    await film.frames(10, anna(1));
    await film.frame();
    const returned: Sight = { track: 2, face: between(ANNA, 0.43, AWAY) };
    await film.frame(returned);
    expect(film.person(2, 11)).toBeNull();
    await film.frame(returned);
    expect(film.segment(2, 11).person).toBe(1);
    expect(film.segment(2, 11).confidence).toBeCloseTo(confidenceOfDistance(0.43), 5);
  });

  it('is not whoever stands in the place: the look decides', async () => {
    const film = new IdentityFilm();
    const here = boxAround(100, 100);
    await film.frames(10, { ...anna(1), at: here });
    await film.frames(2);
    await film.frames(10, { ...ben(2), at: here });
    expect(film.surePerson(2, 12)).toBe(2);
  });

  it('is told from others who are known', async () => {
    const film = new IdentityFilm();
    await film.frames(12, anna(1), ben(2));
    await film.frames(20);
    await film.frame(ben(3));
    await film.frame(ben(3), anna(4));
    expect(film.surePerson(3, 32)).toBe(2);
    expect(film.surePerson(4, 33)).toBe(1);
    expect(film.persons).toHaveLength(2);
  });

  it('is remembered as the looks become, when they change little by little', async () => {
    const film = new IdentityFilm({ checkEveryFrames: 5 });
    // Looks 0.35 from the first are learned: after many, their mean is much nearer to them than to the first.
    const later = between(ANNA, 0.35, AWAY);
    await film.frames(5, anna(1));
    await film.until(60, { track: 1, face: later });
    await film.frame();
    await film.frame({ track: 2, face: between(ANNA, 0.6, AWAY) });
    expect(film.surePerson(2, 61)).toBe(1);
  });
});

describe('two faces that are in view at the same time', () => {
  it('are two persons, however alike', async () => {
    const film = new IdentityFilm();
    await film.frames(12, anna(1), anna(2));
    expect(film.persons).toHaveLength(2);
    expect(new Set([film.surePerson(1, 0), film.surePerson(2, 0)])).toEqual(new Set([1, 2]));
  });

  it('are two persons also when both are gone in the same frame before the second is decided', async () => {
    const film = new IdentityFilm();
    await film.frames(10, anna(1));
    await film.frames(3, anna(1), { track: 2, face: between(ANNA, 0.3, AWAY) });
    await film.cut();
    film.end();
    expect(film.surePerson(1, 12)).toBe(1);
    expect(film.person(2, 12)).not.toBe(1);
  });

  it('are two persons also when the film ends before the second is decided', async () => {
    const film = new IdentityFilm();
    await film.frames(10, anna(1));
    await film.frames(3, anna(1), { track: 2, face: between(ANNA, 0.3, AWAY) });
    film.end();
    expect(film.person(2, 12)).not.toBe(1);
  });

  it('are two persons in the frames that they shared also when the first has gone before the second is looked at', async () => {
    const film = new IdentityFilm();
    await film.frames(10, anna(1));
    const second: Sight = { track: 2, face: between(ANNA, 0.42, AWAY) };
    await film.frames(10, anna(1), unclear(second));
    await film.frames(10, second);
    film.end();
    expect(film.surePerson(1, 15)).toBe(1);
    expect(film.surePerson(2, 15)).not.toBe(1);
  });

  it('are two persons also by place when nobody is identified', async () => {
    const film = new IdentityFilm({ identification: false });
    const here = boxAround(100, 100);
    await film.frames(10, { ...anna(1), at: here });
    await film.frame();
    await film.frames(10, { ...anna(2), at: here }, { ...ben(3), at: boxAround(115, 100) });
    film.end();
    expect(film.person(2, 12)).not.toBe(film.person(3, 12));
  });
});

describe('looks', () => {
  it('are one a frame at most', async () => {
    const film = new IdentityFilm({ checkEveryFrames: 7 });
    await film.frames(50, anna(1), ben(2), cleo(3));
    const frames = film.looks.map((look) => look.sequence);
    expect(new Set(frames).size).toBe(frames.length);
    expect(film.persons).toHaveLength(3);
  });

  it('at a known face come every so many frames', async () => {
    const film = new IdentityFilm({ checkEveryFrames: 10 });
    await film.frames(40, anna(1));
    // The fifth frame has made the person.
    expect(film.looksAt(1)).toEqual([0, 1, 2, 3, 4, 14, 24, 34]);
  });

  it('at all known faces come about every so many frames, however many there are', async () => {
    const film = new IdentityFilm({ checkEveryFrames: 10 });
    await film.frames(100, anna(1), ben(2), cleo(3));
    for (const track of [1, 2, 3]) {
      const gaps = film
        .looksAt(track)
        .slice(1)
        .map((look, i) => look - film.looksAt(track)[i]);
      expect(Math.max(...gaps)).toBeLessThanOrEqual(12); // two others may come first
      expect(100 - (film.looksAt(track).at(-1) ?? 0)).toBeLessThanOrEqual(12);
    }
  });

  it('go to a new face before a known one', async () => {
    const film = new IdentityFilm({ checkEveryFrames: 10 });
    await film.frames(14, anna(1));
    await film.frames(6, anna(1), ben(2)); // the look at the first is due in frame 14, but the second is new
    expect(film.looksAt(2)).toEqual([14, 15, 16, 17, 18]);
    expect(film.looksAt(1)).toEqual([0, 1, 2, 3, 4, 19]);
  });

  it('go to a doubtful face before a known one', async () => {
    const film = new IdentityFilm({ checkEveryFrames: 20 });
    await film.frames(12, anna(1), ben(2));
    const due = (film.looksAt(1).at(-1) ?? 0) + 20;
    await film.until(due, anna(1), ben(2));
    await film.frame(anna(1), doubtful(ben(2)));
    await film.frame(anna(1), ben(2));
    expect(film.looksAt(2)).toContain(due);
    expect(film.looksAt(1).at(-1)).toBe(due + 1);
  });

  it('go to every new face in turn', async () => {
    const film = new IdentityFilm();
    await film.frames(4, anna(1), ben(2));
    expect(film.looksAt(1)).toHaveLength(2);
    expect(film.looksAt(2)).toHaveLength(2);
  });

  const limits: readonly (readonly [string, Partial<Quality>, Partial<Quality>])[] = [
    ['small', { interocularPx: 14 }, { interocularPx: 13.9 }],
    ['cut off', { inside: 0.9 }, { inside: 0.89 }],
    ['covered', { occlusion: 0.2 }, { occlusion: 0.21 }],
    ['blurred', { sharpness: 0.6 }, { sharpness: 0.59 }],
    ['turned to the right', { pose: { ...CLEAR.pose, yawDeg: 35 } }, { pose: { ...CLEAR.pose, yawDeg: 35.1 } }],
    ['turned to the left', { pose: { ...CLEAR.pose, yawDeg: -35 } }, { pose: { ...CLEAR.pose, yawDeg: -35.1 } }],
    ['turned up', { pose: { ...CLEAR.pose, pitchDeg: 35 } }, { pose: { ...CLEAR.pose, pitchDeg: 35.1 } }],
    ['turned down', { pose: { ...CLEAR.pose, pitchDeg: -35 } }, { pose: { ...CLEAR.pose, pitchDeg: -35.1 } }],
  ];

  it.each(limits)('are not wasted on a face that is too %s', async (_, just, beyond) => {
    const film = new IdentityFilm();
    await film.frame({ ...anna(1), quality: beyond });
    expect(film.looks).toEqual([]);
    await film.frame({ ...anna(1), quality: just });
    expect(film.looksAt(1)).toEqual([1]);
  });

  it('are not wasted on what may be no face', async () => {
    const film = new IdentityFilm();
    await film.frame({ ...anna(1), faceLogit: 7.9 });
    await film.frame({ ...anna(1), faceLogit: 8 });
    expect(film.looksAt(1)).toEqual([1]);
  });

  it('are not kept from one face by another that cannot be looked at', async () => {
    const film = new IdentityFilm();
    await film.frames(5, unclear(ben(1)), anna(2));
    expect(film.looksAt(2)).toEqual([0, 1, 2, 3, 4]);
  });
});

describe('a face that is never good enough for a look', () => {
  it('becomes a new person after 45 frames when it can be nobody else', async () => {
    const film = new IdentityFilm();
    await film.frames(44, unclear(anna(1)));
    expect(film.person(1, 43)).toBeNull();
    await film.frame(unclear(anna(1)));
    expect(film.segment(1, 0)).toMatchObject({ person: 1, source: 'track', confidence: 1 });
    expect(film.looks).toEqual([]);
  });

  it('becomes a new person after 45 frames when all others are in view', async () => {
    const film = new IdentityFilm();
    await film.frames(10, anna(1));
    await film.frames(45, anna(1), unclear(ben(2)));
    expect(film.segment(2, 10)).toMatchObject({ person: 2, source: 'track', confidence: 1 });
  });

  it('is nobody’s for sure as long as it could be somebody who is not in view', async () => {
    const film = new IdentityFilm();
    await film.frames(10, anna(1));
    await film.frames(20);
    await film.frames(200, unclear(ben(2)));
    expect(film.person(2, 30)).toBeNull();
    film.end();
    expect(film.surePerson(2, 30)).toBeNull();
  });

  it('is taken for whoever was there a moment ago, but not for sure: somebody might look and does not', async () => {
    const film = new IdentityFilm();
    const here = boxAround(100, 100);
    await film.frames(10, { ...anna(1), at: here });
    await film.frames(5);
    await film.frames(20, { ...unclear(ben(2)), at: here });
    film.end();
    expect(film.segment(2, 15)).toMatchObject({ person: 1, source: 'track' });
    expect(film.segment(2, 15).confidence).toBeLessThan(SURE);
  });

  it('gets its name from its first frame on when it can be looked at in the end', async () => {
    const film = new IdentityFilm();
    await film.frames(10, anna(1));
    await film.frames(20);
    await film.frames(100, unclear(anna(2)));
    expect(film.person(2, 30)).toBeNull();
    await film.frame(anna(2));
    expect(film.segment(2, 30)).toMatchObject({ person: 1, source: 'embedding', firstSequence: 30 });
  });
});

describe('a face that was looked at but not decided', () => {
  it('becomes a new person without further looks when there is nobody else', async () => {
    const film = new IdentityFilm();
    await film.frames(2, anna(1));
    await film.frames(60, unclear(anna(1)));
    expect(film.surePerson(1, 0)).toBe(1);
  });

  it('is not called a new person for sure after a single look that may mean the same person', async () => {
    const film = new IdentityFilm();
    await film.frames(10, anna(1));
    await film.frames(20);
    const look: Sight = { track: 2, face: between(ANNA, 0.48, AWAY) }; // "the same" with a confidence of 0.6
    await film.frame(look);
    await film.frames(8, unclear(look));
    film.end();
    expect([1, null]).toContain(film.surePerson(2, 30));
  });

  it('is decided by the mean of five looks in any case, but not for sure when that lies in between', async () => {
    const film = new IdentityFilm();
    await film.frames(10, anna(1));
    await film.frames(20);
    const look: Sight = { track: 2, face: between(ANNA, 0.47, AWAY) }; // "the same" with a confidence of 0.65
    await film.frames(4, look);
    expect(film.person(2, 30)).toBeNull();
    await film.frame(look);
    expect(film.person(2, 30)).not.toBeNull();
    film.end();
    expect([1, null]).toContain(film.surePerson(2, 30));
  });

  it('gets the name of the nearest when it goes', async () => {
    const film = new IdentityFilm();
    await film.frames(10, anna(1));
    await film.frames(20);
    await film.frame({ track: 2, face: between(ANNA, 0.43, AWAY) });
    await film.frame();
    expect(film.segment(2, 30)).toMatchObject({ person: 1, source: 'embedding' });
    expect(film.segment(2, 30).confidence).toBeCloseTo(confidenceOfDistance(0.43), 5);
  });
});

describe('what is told', () => {
  it('is every segment when it is new, when it is decided and when it ends, and nothing in between', async () => {
    const film = new IdentityFilm();
    const { tracker } = film;
    await film.frames(10, anna(1));
    expect(tracker.takeChanges()).toEqual([]); // the film has taken them
    await film.frames(5, anna(1));
    expect(film.segment(1, 14)).toMatchObject({ lastSequence: 4, person: 1 }); // as told when it was decided
    await film.frame();
    expect(film.segment(1, 14)).toMatchObject({ lastSequence: 14, person: 1 });
  });

  it('throws for a track that was never shown', () => {
    expect(() => new IdentityFilm().tracker.segmentOf(9)).toThrow('track 9');
  });
});
