import { describe, expect, it } from 'vitest';
import { confidenceOfDistance, type KnownParticipant } from '../../../src/main/core/persons.ts';
import { boxAround } from '../../fixtures/fake-faces.ts';
import {
  ANNA,
  AWAY,
  BEN,
  ELSEWHERE,
  IdentityFilm,
  anna,
  ben,
  between,
  cleo,
  doubtful,
  unclear,
} from '../../fixtures/fake-identity.ts';

describe('without identification', () => {
  const here = boxAround(100, 100);
  const film = (): IdentityFilm => new IdentityFilm({ identification: false });

  it('nobody is ever looked at', async () => {
    const shown = film();
    await shown.frames(200, anna(1), doubtful(ben(2)));
    expect(shown.looks).toEqual([]);
  });

  it('a face is a new person in its fifth frame', async () => {
    const shown = film();
    await shown.frames(4, anna(1));
    expect(shown.person(1, 0)).toBeNull();
    await shown.frame(anna(1));
    expect(shown.segment(1, 0)).toMatchObject({ person: 1, source: 'track', confidence: 1 });
  });

  it('a face that flickers up for four frames is nobody', async () => {
    const shown = film();
    await shown.frames(4, anna(1));
    await shown.frames(20);
    expect(shown.person(1, 0)).toBeNull();
    expect(shown.persons).toEqual([]);
  });

  it('a person who comes back to the place within 15 frames is the same', async () => {
    const shown = film();
    await shown.until(10, { ...anna(1), at: here }); // last seen in frame 9
    await shown.until(24);
    // 60 × 60 pixels, 30 apart: the boxes overlap by a third.
    await shown.frames(5, { ...anna(2), at: boxAround(130, 100) });
    expect(shown.segment(2, 24)).toMatchObject({ person: 1, source: 'track', confidence: 0.8 });
  });

  it('a person who comes back later is a new one', async () => {
    const shown = film();
    await shown.until(10, { ...anna(1), at: here });
    await shown.until(25);
    await shown.frames(5, { ...anna(2), at: here });
    expect(shown.segment(2, 25).person).toBe(2);
  });

  it('a person who comes back elsewhere is a new one', async () => {
    const shown = film();
    await shown.until(10, { ...anna(1), at: here });
    await shown.frame();
    // 33 of 60 pixels apart: 27 / 93 = 0.29.
    await shown.frames(5, { ...anna(2), at: boxAround(133, 100) });
    expect(shown.segment(2, 11).person).toBe(2);
  });

  it('the place is the one of the last sight, not of the first', async () => {
    const shown = film();
    await shown.frames(10, { ...anna(1), at: boxAround(400, 100) });
    await shown.frames(10, { ...anna(1), at: here });
    await shown.frame();
    await shown.frames(5, { ...anna(2), at: here });
    expect(shown.segment(2, 21).person).toBe(1);
  });

  it('behind a cut everybody is new', async () => {
    const shown = film();
    await shown.frames(10, { ...anna(1), at: here });
    await shown.cut({ ...anna(2), at: here });
    await shown.frames(9, { ...anna(2), at: here });
    expect(shown.segment(2, 10).person).toBe(2);
  });

  it('a place where two people were lost decides nothing', async () => {
    const shown = film();
    await shown.frames(10, { ...anna(1), at: boxAround(85, 100) }, { ...ben(2), at: boxAround(115, 100) });
    await shown.frame();
    await shown.frames(5, { ...anna(3), at: here });
    expect(shown.segment(3, 11).person).toBe(3);
  });

  it('a person is still there for the place after a track that was too short to count alone', async () => {
    const shown = film();
    await shown.until(21, { ...anna(1), at: here }); // last seen in frame 20
    await shown.until(23);
    await shown.until(27, { ...anna(2), at: here }); // four frames that belong to the same person: last seen in frame 26
    await shown.until(38);
    await shown.frames(10, { ...anna(3), at: here }); // 12 frames after frame 26
    shown.end();
    expect(shown.segment(2, 23).person).toBe(1);
    expect(shown.segment(3, 38).person).toBe(1);
    expect(shown.persons).toHaveLength(1);
  });
});

describe('stills', () => {
  const film = (): IdentityFilm => new IdentityFilm({ stills: true });

  it('are decided at once, every face by a look of its own', async () => {
    const shown = film();
    await shown.frame(anna(1), ben(2));
    expect(shown.looks).toEqual([
      { sequence: 0, track: 1 },
      { sequence: 0, track: 2 },
    ]);
    expect(shown.segment(1, 0)).toMatchObject({ person: 1, source: 'embedding', confidence: 1 });
    expect(shown.segment(2, 0)).toMatchObject({ person: 2, source: 'embedding', confidence: 1 });
  });

  it('recognise people of earlier pictures by one look within the profile’s distance', async () => {
    const shown = film();
    await shown.frame(anna(1), ben(2));
    await shown.frame({ track: 3, face: between(BEN, 0.43, AWAY) });
    await shown.frame({ track: 4, face: between(BEN, 0.47, AWAY) });
    expect(shown.person(3, 1)).toBe(2);
    expect(shown.segment(3, 1).confidence).toBeCloseTo(confidenceOfDistance(0.43), 5);
    expect(shown.person(4, 2)).toBe(3);
  });

  it('know nothing of place', async () => {
    const shown = film();
    const here = boxAround(100, 100);
    await shown.frame({ ...anna(1), at: here });
    await shown.frame({ ...ben(2), at: here });
    expect(shown.person(2, 1)).toBe(2);
  });

  it('hold one person once: two faces in a picture are two persons', async () => {
    const shown = film();
    await shown.frame(anna(1));
    await shown.frame(anna(2), { track: 3, face: between(ANNA, 0.3, AWAY) });
    expect(shown.person(2, 1)).toBe(1);
    expect(shown.person(3, 1)).toBe(2);
  });

  it('give a known name to the face in the picture that fits best, not to the first', async () => {
    const shown = film();
    await shown.frame(anna(1));
    await shown.frame(
      { track: 2, face: between(ANNA, 0.43, AWAY) },
      { track: 3, face: between(ANNA, 0.05, ELSEWHERE) },
    );
    expect(shown.person(3, 1)).toBe(1);
    expect(shown.person(2, 1)).not.toBe(1);
  });

  it('of which one is too poor for a sure look make it an unsure new person', async () => {
    const shown = film();
    await shown.frame(anna(1));
    await shown.frame(unclear(ben(2)));
    expect(shown.segment(2, 1).person).toBe(2);
    expect(shown.surePerson(2, 1)).toBeNull();
  });

  it('without identification are all of different people', async () => {
    const shown = new IdentityFilm({ stills: true, identification: false });
    await shown.frame(anna(1));
    await shown.frame(anna(2), ben(3));
    expect([shown.person(1, 0), shown.person(2, 1), shown.person(3, 1)]).toEqual([1, 2, 3]);
    expect(shown.looks).toEqual([]);
  });
});

describe('participants', () => {
  const withPicture = (code: string): KnownParticipant => ({ code, claim: 'picture' });
  const without = (code: string): KnownParticipant => ({ code, claim: 'order' });
  const participantOf = (film: IdentityFilm, track: number, sequence: number): string | null | undefined =>
    film.persons.find(({ id }) => id === film.person(track, sequence))?.participant;

  it('with a picture are recognised by it at the first look', async () => {
    const film = new IdentityFilm({ participants: [withPicture('A07')] });
    film.tracker.enrol('A07', ANNA);
    await film.frame({ track: 1, face: between(ANNA, 0.3, AWAY) });
    expect(film.persons.map(({ id, participant }) => ({ id, participant }))).toEqual([{ id: 1, participant: 'A07' }]);
    expect(film.surePerson(1, 0)).toBe(1);
  });

  it('without a picture are taken in the order in which unknown faces appear, and the third is a bystander', async () => {
    const film = new IdentityFilm({ participants: [without('A07'), without('A08')] });
    await film.frames(10, anna(1));
    await film.frames(10, ben(2));
    await film.frames(10, cleo(3));
    expect(participantOf(film, 1, 0)).toBe('A07');
    expect(participantOf(film, 2, 10)).toBe('A08');
    expect(participantOf(film, 3, 20)).toBeNull();
  });

  it('without a picture are not mistaken for those with one', async () => {
    const film = new IdentityFilm({ participants: [withPicture('A07'), without('A08')] });
    film.tracker.enrol('A07', ANNA);
    await film.frames(10, ben(1));
    await film.frames(10, anna(2));
    expect(participantOf(film, 1, 0)).toBe('A08');
    expect(participantOf(film, 2, 10)).toBe('A07');
  });

  it('are known again when they come back', async () => {
    const film = new IdentityFilm({ participants: [without('A07')] });
    await film.frames(10, anna(1));
    await film.frames(100);
    await film.frames(10, anna(2));
    expect(participantOf(film, 2, 110)).toBe('A07');
    expect(film.persons).toHaveLength(1);
  });

  it('are not found where somebody else stands', async () => {
    const film = new IdentityFilm({ participants: [withPicture('A07')] });
    film.tracker.enrol('A07', ANNA);
    await film.frames(20, ben(1));
    expect(participantOf(film, 1, 0)).toBeNull();
  });

  it('who are all in view leave nobody to look for: a bystander is not embedded', async () => {
    const film = new IdentityFilm({ participants: [withPicture('A07')] });
    film.tracker.enrol('A07', ANNA);
    await film.frames(10, anna(1));
    await film.frames(200, anna(1), ben(2));
    expect(film.looksAt(2)).toEqual([]);
    expect(participantOf(film, 2, 10)).toBeNull();
    // Decided by the track in the fifth frame: nobody is left whom the face could be.
    expect(film.segment(2, 10)).toMatchObject({ source: 'track', confidence: 1, firstSequence: 10 });
  });

  it('of whom one is missing are looked for among strangers, but each stranger only until it is one', async () => {
    const film = new IdentityFilm({ participants: [withPicture('A07')] });
    film.tracker.enrol('A07', ANNA);
    await film.frames(200, ben(1));
    expect(film.looksAt(1)).toEqual([0, 1, 2, 3, 4]);
    expect(participantOf(film, 1, 0)).toBeNull();
  });

  it('are found among strangers who are in view', async () => {
    const film = new IdentityFilm({ participants: [withPicture('A07')] });
    film.tracker.enrol('A07', ANNA);
    await film.frames(20, ben(1));
    await film.frames(10, ben(1), anna(2));
    expect(participantOf(film, 2, 20)).toBe('A07');
    expect(participantOf(film, 1, 20)).toBeNull();
  });

  it('are remembered, bystanders are not: one who comes back is a new person', async () => {
    const film = new IdentityFilm({ participants: [withPicture('A07')] });
    film.tracker.enrol('A07', ANNA);
    await film.frames(10, ben(1));
    await film.frames(50);
    await film.frames(10, ben(2));
    expect(film.person(1, 0)).not.toBe(film.person(2, 60));
    expect(participantOf(film, 2, 60)).toBeNull();
  });

  it('are checked as often as ever while a bystander stands beside them', async () => {
    const film = new IdentityFilm({ participants: [withPicture('A07')], checkEveryFrames: 10 });
    film.tracker.enrol('A07', ANNA);
    await film.frames(100, anna(1), ben(2));
    const looks = film.looksAt(1);
    const gaps = looks.slice(1).map((look, i) => look - looks[i]);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(11);
    expect(100 - (looks.at(-1) ?? 0)).toBeLessThanOrEqual(11);
  });

  it('are looked at without delay when they are doubtful while new bystanders come', async () => {
    const film = new IdentityFilm({ participants: [withPicture('A07'), withPicture('A08')] });
    film.tracker.enrol('A07', ANNA);
    film.tracker.enrol('A08', BEN);
    await film.frames(10, anna(1), ben(2));
    await film.frame(doubtful(anna(1)), ben(2), cleo(3));
    expect(film.looksAt(1).at(-1)).toBe(10);
    expect(film.looksAt(3)).toEqual([]);
  });

  it('who are doubtful come before a stranger who has waited: somebody who did not agree is not embedded', async () => {
    const film = new IdentityFilm({ participants: [withPicture('A07')] });
    film.tracker.enrol('A07', ANNA);
    await film.frames(10, anna(1));
    await film.frames(2, anna(1), ben(2));
    await film.frame(doubtful(anna(1)), ben(2));
    await film.frames(10, anna(1), ben(2));
    expect(film.looksAt(1).at(-1)).toBe(12);
    expect(film.looksAt(2)).toEqual([]);
  });

  it('lose nothing to a face that nobody could look at: it takes no place among those without a picture', async () => {
    const film = new IdentityFilm({ participants: [withPicture('A07'), without('A08')] });
    film.tracker.enrol('A07', ANNA);
    await film.frames(10, unclear(anna(1))); // it may be A07 as well as anybody
    await film.frames(20);
    await film.frames(10, ben(2));
    film.end();
    expect(participantOf(film, 1, 0) ?? null).toBeNull();
    expect(participantOf(film, 2, 30)).toBe('A08');
  });

  it('lose their place to nobody who was not looked at', async () => {
    for (const frames of [8, 50]) {
      const film = new IdentityFilm({ participants: [without('A07')] });
      await film.frames(frames, unclear(ben(1)));
      await film.frames(20);
      await film.frames(100, anna(2));
      film.end();
      expect(participantOf(film, 1, 0) ?? null).toBeNull();
      expect(participantOf(film, 2, frames + 20)).toBe('A07');
    }
  });

  it('without identification do not keep their name for sure when two faces may have changed places', async () => {
    const film = new IdentityFilm({ identification: false, participants: [without('A07')] });
    await film.frames(20, anna(1), ben(2));
    await film.frame(doubtful(ben(1)), doubtful(anna(2)));
    await film.frames(100, ben(1), anna(2));
    film.end();
    expect(film.surePerson(1, 19)).toBe(1);
    expect([film.surePerson(1, 60), film.surePerson(2, 60)]).toEqual([null, null]);
  });

  it('without identification are taken in order, by track', async () => {
    const film = new IdentityFilm({ identification: false, participants: [without('A07'), without('A08')] });
    await film.frames(10, anna(1), ben(2), cleo(3));
    expect([1, 2, 3].map((track) => participantOf(film, track, 0))).toEqual(['A07', 'A08', null]);
    expect(film.looks).toEqual([]);
  });

  it('without identification are strangers again when they come back elsewhere', async () => {
    const film = new IdentityFilm({ identification: false, participants: [without('A07')] });
    await film.frames(10, anna(1));
    await film.frames(30);
    await film.frames(10, anna(2));
    expect(participantOf(film, 2, 40)).toBeNull();
  });

  it('in stills are recognised by their pictures, and strangers beside them are not embedded once all are found', async () => {
    const film = new IdentityFilm({ stills: true, participants: [withPicture('A07')] });
    film.tracker.enrol('A07', ANNA);
    await film.frame(anna(1), ben(2));
    expect(participantOf(film, 1, 0)).toBe('A07');
    expect(participantOf(film, 2, 0)).toBeNull();
    expect(film.looks).toEqual([{ sequence: 0, track: 1 }]);
  });
});
