import { describe, expect, it } from 'vitest';
import { confidenceOfDistance } from '../../../src/main/core/persons.ts';
import {
  ANNA,
  AWAY,
  ELSEWHERE,
  IdentityFilm,
  SURE,
  anna,
  ben,
  between,
  doubtful,
  unclear,
  type Sight,
} from '../../fixtures/fake-identity.ts';

describe('a known face that is looked at again', () => {
  it('begins a new segment of the same person, as sure as the look was', async () => {
    const film = new IdentityFilm({ checkEveryFrames: 10 });
    await film.frames(14, anna(1));
    await film.frames(5, { track: 1, face: between(ANNA, 0.3, AWAY) });
    expect(film.segment(1, 13)).toMatchObject({ person: 1, confidence: 1, firstSequence: 0 });
    expect(film.segment(1, 14)).toMatchObject({ person: 1, source: 'embedding', firstSequence: 14 });
    expect(film.segment(1, 14).confidence).toBeCloseTo(confidenceOfDistance(0.3), 5);
    expect(film.segment(1, 18).id).toBe(film.segment(1, 14).id);
  });

  it('has segments that follow one another without a gap and without a frame in two of them', async () => {
    const film = new IdentityFilm({ checkEveryFrames: 10 });
    await film.frames(40, anna(1));
    film.end();
    expect(film.segmentsOf(1).map((s) => [s.firstSequence, s.lastSequence])).toEqual([
      [0, 13],
      [14, 23],
      [24, 33],
      [34, 39],
    ]);
  });

  it('is somebody else when two looks say so, and the stretch since the last good look is uncertain', async () => {
    const film = new IdentityFilm({ checkEveryFrames: 10 });
    await film.frames(20, anna(1)); // looked at in frame 14
    await film.frames(20, ben(1)); // nobody noticed that it has become another face
    film.end();
    expect(film.surePerson(1, 13)).toBe(1);
    for (const sequence of [14, 19, 20, 24]) {
      expect(film.segment(1, sequence).person).toBe(1);
      expect(film.segment(1, sequence).confidence).toBeLessThan(0.01);
    }
    // Looks in frames 24 and 25 disagree: from 25 on it is somebody else.
    expect(film.surePerson(1, 25)).toBe(2);
    expect(film.surePerson(1, 39)).toBe(2);
    expect(film.persons).toHaveLength(2);
  });

  it('is the person whom it has become when that one is known', async () => {
    const film = new IdentityFilm({ checkEveryFrames: 10 });
    await film.frames(10, ben(1));
    await film.frames(30);
    await film.until(60, anna(2)); // looked at in frames 44, 54
    await film.frames(20, ben(2));
    film.end();
    expect(film.surePerson(2, 50)).toBe(2);
    expect(film.surePerson(2, 57)).toBeNull();
    expect(film.surePerson(2, 70)).toBe(1);
    expect(film.persons).toHaveLength(2);
  });

  it('stays who it is when one look fails and the next does not', async () => {
    const film = new IdentityFilm({ checkEveryFrames: 10 });
    await film.frames(14, anna(1));
    await film.frame({ track: 1, face: ELSEWHERE });
    await film.frames(10, anna(1));
    film.end();
    for (const sequence of [0, 13, 14, 15, 24]) expect(film.surePerson(1, sequence)).toBe(1);
    // Not waiting for ten frames more: a look that fails is followed by another at once.
    expect(film.looksAt(1).slice(5)).toEqual([14, 15]);
  });

  it('is not as sure as before when every look lies between the same and another person', async () => {
    const film = new IdentityFilm({ checkEveryFrames: 10 });
    await film.frames(24, anna(1)); // looked at in frame 14, and found to be the same
    const look = between(ANNA, 0.56, AWAY); // confidence 0.23
    await film.frames(30, { track: 1, face: look });
    film.end();
    expect(film.surePerson(1, 10)).toBe(1);
    // Nobody can say when the face has become one that may be somebody else’s.
    for (const sequence of [14, 23, 24, 50]) expect(film.segment(1, sequence).confidence).toBeLessThan(SURE);
  });

  it('is not sure after a look that contradicts, though no second one follows', async () => {
    const film = new IdentityFilm({ checkEveryFrames: 10 });
    await film.frames(20, anna(1)); // looked at in frame 14
    await film.frames(5, ben(1)); // looked at in frame 24
    await film.frames(200, unclear(ben(1)));
    film.end();
    expect(film.surePerson(1, 13)).toBe(1);
    for (const sequence of [14, 24, 100, 224]) expect(film.surePerson(1, sequence)).toBeNull();
  });

  it('is not confirmed by a look that is exactly another person’s', async () => {
    const film = new IdentityFilm({ checkEveryFrames: 10 });
    const sister = between(ANNA, 0.46, AWAY); // two persons by the profile's 0.45
    await film.frames(12, anna(1), { track: 2, face: sister });
    expect(film.persons).toHaveLength(2);
    await film.frames(5, anna(1));
    // The second has left, and then her face is seen in the track of the first.
    await film.frames(30, { track: 1, face: sister });
    film.end();
    expect(film.surePerson(1, 13)).toBe(1); // looked at in frame 14 for the last time
    expect(film.surePerson(1, 46)).not.toBe(1);
  });

  it('is not confirmed when two faces in view have changed places', async () => {
    const film = new IdentityFilm({ checkEveryFrames: 10 });
    const sister = between(ANNA, 0.46, AWAY);
    await film.frames(12, anna(1), { track: 2, face: sister });
    await film.frames(40, { track: 1, face: sister }, anna(2));
    film.end();
    expect(film.surePerson(1, 51)).not.toBe(1);
    expect(film.surePerson(2, 51)).not.toBe(2);
  });

  it('is given its own name again when two tracks have exchanged their faces, and no third person is made', async () => {
    const film = new IdentityFilm({ checkEveryFrames: 10 });
    await film.frames(12, anna(1), ben(2));
    await film.frames(60, ben(1), anna(2));
    film.end();
    expect(film.persons).toHaveLength(2);
    // Looked at in frames 4 and 5: nobody can say when between then and the next looks they have changed.
    expect([1, null]).toContain(film.surePerson(1, 11));
    expect([2, null]).toContain(film.surePerson(2, 11));
    for (const sequence of [12, 13]) {
      expect([film.surePerson(1, sequence), film.surePerson(2, sequence)]).toEqual([null, null]);
    }
    expect([film.surePerson(1, 71), film.surePerson(2, 71)]).toEqual([2, 1]);
  });

  it('is given its own name again when only one of two tracks that have exchanged their faces is doubtful', async () => {
    const film = new IdentityFilm({ checkEveryFrames: 10 });
    await film.frames(12, anna(1), ben(2));
    await film.frame(doubtful(ben(1)), anna(2));
    await film.frames(60, ben(1), anna(2));
    film.end();
    expect(film.persons).toHaveLength(2);
    expect([film.surePerson(1, 72), film.surePerson(2, 72)]).toEqual([2, 1]);
  });

  it('is given its own name at once when both tracks that have exchanged their faces are doubtful', async () => {
    const film = new IdentityFilm();
    await film.frames(12, anna(1), ben(2));
    await film.frame(doubtful(ben(1)), doubtful(anna(2)));
    await film.frame(ben(1), anna(2));
    expect([film.surePerson(1, 11), film.surePerson(2, 11)]).toEqual([1, 2]);
    expect([film.surePerson(1, 12), film.surePerson(2, 12)]).toEqual([2, 1]);
    expect(film.persons).toHaveLength(2);
  });
});

describe('a doubtful face', () => {
  it('is confirmed at once: a new segment of the same person from that frame on', async () => {
    const film = new IdentityFilm();
    await film.frames(10, anna(1));
    await film.frame(doubtful({ track: 1, face: between(ANNA, 0.2, AWAY) }));
    await film.frames(5, anna(1));
    film.end();
    expect(film.segmentsOf(1).map((s) => [s.firstSequence, s.lastSequence, s.person])).toEqual([
      [0, 9, 1],
      [10, 15, 1],
    ]);
    expect(film.looksAt(1).slice(5)).toEqual([10]);
  });

  it('becomes another person from exactly that frame on', async () => {
    const film = new IdentityFilm();
    await film.frames(10, anna(1));
    await film.frame(doubtful(ben(1)));
    await film.frames(9, ben(1));
    film.end();
    expect(film.segmentsOf(1).map((s) => [s.firstSequence, s.lastSequence, s.person])).toEqual([
      [0, 9, 1],
      [10, 19, 2],
    ]);
    expect(film.surePerson(1, 9)).toBe(1);
    expect(film.surePerson(1, 10)).toBe(2);
  });

  it('becomes somebody who was there before', async () => {
    const film = new IdentityFilm();
    await film.frames(10, ben(1));
    await film.frames(20);
    await film.frames(10, anna(2));
    await film.frame(doubtful(ben(2)));
    expect(film.surePerson(2, 39)).toBe(2);
    expect(film.surePerson(2, 40)).toBe(1);
    expect(film.persons).toHaveLength(2);
  });

  it('is nobody’s for sure when it is never good enough for a look again', async () => {
    const film = new IdentityFilm();
    await film.frames(10, anna(1));
    await film.frame(doubtful(unclear(anna(1))));
    await film.frames(100, unclear(anna(1)));
    film.end();
    expect(film.surePerson(1, 9)).toBe(1);
    expect(film.surePerson(1, 10)).toBeNull();
    expect(film.surePerson(1, 110)).toBeNull();
    expect(film.persons).toHaveLength(1);
  });

  it('is decided by a later look from the doubt on when it was covered first', async () => {
    const film = new IdentityFilm();
    await film.frames(10, anna(1));
    await film.frame(doubtful(unclear(ben(1))));
    await film.frames(20, unclear(ben(1)));
    await film.frames(5, ben(1));
    expect(film.surePerson(1, 9)).toBe(1);
    expect(film.surePerson(1, 10)).toBe(2);
    expect(film.surePerson(1, 35)).toBe(2);
  });

  it('frees the person for another face while the answer is open', async () => {
    const film = new IdentityFilm();
    await film.frames(10, anna(1));
    // A cut that nobody noticed: now the first person stands elsewhere, and another in that place.
    await film.frame(doubtful(ben(1)), anna(2));
    await film.frames(12, ben(1), anna(2));
    film.end();
    expect(film.surePerson(1, 9)).toBe(1);
    expect(film.surePerson(1, 10)).toBe(2);
    expect(film.surePerson(2, 10)).toBe(1);
    expect(film.persons).toHaveLength(2);
  });

  it('begins a new segment also while nobody knows whose face it is: what was before is not the later face’s', async () => {
    const film = new IdentityFilm();
    await film.frames(40, unclear(anna(1))); // never good enough for a look
    await film.frame(doubtful(ben(1)));
    await film.frames(20, ben(1));
    film.end();
    const late = film.surePerson(1, 60);
    expect(late).not.toBeNull();
    expect(film.surePerson(1, 0)).not.toBe(late);
    expect(film.surePerson(1, 39)).not.toBe(late);
  });

  it('does not mix its looks with those at the face before it', async () => {
    const film = new IdentityFilm();
    await film.frames(3, anna(1)); // three looks, too young to be a person
    await film.frame(doubtful(ben(1)));
    await film.frames(20, ben(1));
    await film.frames(20);
    await film.frames(10, ben(2));
    film.end();
    const later = film.surePerson(2, 50);
    expect(later).not.toBeNull();
    expect(film.surePerson(1, 23)).toBe(later);
    expect(film.surePerson(1, 0)).not.toBe(later);
  });

  it('is not split from its person by looks at which the same person would be confirmed', async () => {
    const film = new IdentityFilm();
    await film.frames(10, anna(1));
    const turned = between(ANNA, 0.47, AWAY); // "the same" with a confidence of 0.65
    await film.frame(doubtful({ track: 1, face: turned }));
    await film.frames(20, { track: 1, face: turned });
    film.end();
    expect([1, null]).toContain(film.surePerson(1, 30));
  });

  it('does not go on under the same name in silence when nobody may be identified', async () => {
    const film = new IdentityFilm({ identification: false });
    await film.frames(10, anna(1));
    await film.frame(doubtful(ben(1)));
    await film.frames(20, ben(1));
    film.end();
    expect(film.segment(1, 9)).toMatchObject({ person: 1, confidence: 1 });
    expect(film.segment(1, 10)).toMatchObject({ person: 1, source: 'track', firstSequence: 10 });
    // Motion alone raises a doubt now and then: the rows stay valid, and the table tells that they are less sure.
    expect(film.segment(1, 30).confidence).toBeLessThan(0.8);
    expect(film.surePerson(1, 30)).toBe(1);
  });
});

describe('a person who is known by the track only', () => {
  it('is remembered by the first good look instead of being contradicted by it', async () => {
    const film = new IdentityFilm();
    await film.frames(50, unclear(anna(1))); // alone, for longer than 45 frames: a new person without a look
    expect(film.segment(1, 0)).toMatchObject({ person: 1, source: 'track', confidence: 1 });
    await film.frames(150, anna(1));
    await film.frames(30);
    await film.frames(10, anna(2));
    film.end();
    expect(film.persons).toHaveLength(1);
    expect(film.surePerson(1, 0)).toBe(1);
    expect(film.surePerson(1, 199)).toBe(1);
    expect(film.surePerson(2, 235)).toBe(1);
  });
});

describe('people who look alike', () => {
  it('are not told apart for sure by a look that is equally near to both', async () => {
    const film = new IdentityFilm();
    const twin = between(ANNA, 0.3, AWAY);
    await film.frames(12, anna(1), { track: 2, face: twin });
    expect(film.persons).toHaveLength(2);
    await film.frames(30);
    await film.frames(10, { track: 3, face: between(ANNA, 0.15, AWAY) });
    film.end();
    expect(film.surePerson(3, 45)).toBeNull();
  });

  it('are told apart when the look is surely nearer to one of them', async () => {
    const film = new IdentityFilm();
    const sister = between(ANNA, 0.46, AWAY);
    await film.frames(12, anna(1), { track: 2, face: sister });
    await film.frames(30);
    await film.frames(10, { track: 3, face: sister });
    expect(film.surePerson(3, 45)).toBe(2);
  });
});

describe('two people who cross while one of them is covered', () => {
  it('lose no row: what nobody can know belongs to somebody unsure', async () => {
    const film = new IdentityFilm();
    await film.frames(10, anna(1));
    await film.frames(40, anna(1), unclear(ben(2)));
    await film.frame(doubtful(unclear(ben(1))), doubtful(anna(2)));
    await film.frames(100, ben(1), anna(2));
    film.end();
    expect([film.surePerson(1, 49), film.surePerson(2, 60)]).toEqual([1, 1]);
    expect(film.surePerson(1, 60)).not.toBeNull();
    expect(film.person(2, 30)).not.toBeNull();
    expect(film.surePerson(2, 30)).toBeNull();
  });
});

describe('somebody who was never good enough for a look and is gone', () => {
  it('is nobody for sure once a face is known whose it may have been', async () => {
    const film = new IdentityFilm();
    await film.frames(60, unclear(anna(1)));
    await film.frames(20);
    await film.frames(100, anna(2));
    film.end();
    expect(film.surePerson(1, 0)).toBeNull();
    expect(film.surePerson(2, 80)).not.toBeNull();
  });
});

describe('a face that is followed twice', () => {
  it('is not made a new person while the track that has lost it still bears the name', async () => {
    const film = new IdentityFilm();
    await film.frames(20, anna(1));
    // The first track clings to something that is no face; the face itself is found elsewhere.
    const clinging: Sight = { ...unclear({ track: 1, face: ELSEWHERE }), faceLogit: 2 };
    await film.frames(40, clinging, anna(2));
    await film.frames(100, anna(2));
    film.end();
    expect([1, null]).toContain(film.surePerson(2, 30));
    expect(film.surePerson(2, 159)).toBe(1);
  });
});
