import { describe, expect, it } from 'vitest';
import type { KnownParticipant } from '../../../src/main/core/persons.ts';
import { boxAround } from '../../fixtures/fake-faces.ts';
import {
  ANNA,
  AWAY,
  IdentityFilm,
  anna,
  ben,
  between,
  cleo,
  doubtful,
  unclear,
  type Sight,
} from '../../fixtures/fake-identity.ts';

const byHand: readonly KnownParticipant[] = ['A07', 'B08'].map((code) => ({ code, claim: 'hand' }));

const newFilm = (options: ConstructorParameters<typeof IdentityFilm>[0] = {}): IdentityFilm =>
  new IdentityFilm({ participants: byHand, ...options });

/** Two people who have been given their names and are known by their looks; the next frame is the twentieth. */
async function two(options: ConstructorParameters<typeof IdentityFilm>[0] = {}): Promise<IdentityFilm> {
  const film = newFilm(options);
  await film.frames(10, anna(1), ben(2));
  expect([film.tracker.assign(1, 'A07'), film.tracker.assign(2, 'B08')]).toEqual([true, true]);
  await film.frames(10, anna(1), ben(2));
  return film;
}

/** Every frame of a face is in exactly one segment, and no segment has a frame without its face. */
function expectWhole(film: IdentityFilm, track: number, sequences: readonly number[]): void {
  const covered = film.segmentsOf(track).flatMap(({ firstSequence, lastSequence }) => {
    return Array.from({ length: lastSequence - firstSequence + 1 }, (_, i) => firstSequence + i);
  });
  expect(covered.sort((p, q) => p - q)).toEqual(sequences);
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

describe.each([true, false])('the word of the researcher (identification: %s)', (identification) => {
  it('holds from the next frame on, surely, and not for the frames before', async () => {
    const film = newFilm({ identification });
    await film.frames(10, anna(1));
    expect(film.participant(1, 9)).toBeNull();
    expect(film.tracker.assign(1, 'A07')).toBe(true);
    await film.frame(unclear(anna(1)));
    expect(film.segment(1, 10)).toMatchObject({ source: 'manual', confidence: 1, firstSequence: 10 });
    await film.frames(200, unclear(anna(1)));
    film.end();
    expect(film.participant(1, 9)).toBeNull();
    expect(film.participant(1, 210)).toBe('A07');
    expect(film.surePerson(1, 210)).not.toBeNull();
    expectWhole(film, 1, upTo(211));
  });

  it('holds behind a settlement, before and after its first frame', async () => {
    const film = newFilm({ identification });
    await film.frames(10, anna(1));
    film.tracker.assign(1, 'A07');
    film.tracker.settle();
    await film.frames(5, unclear(anna(1)));
    film.tracker.settle();
    await film.frames(5, unclear(anna(1)));
    film.end();
    expect(film.segment(1, 19)).toMatchObject({ source: 'manual', confidence: 1, firstSequence: 10 });
    expect(film.participant(1, 19)).toBe('A07');
  });

  it('holds for a face that was seen in one frame only', async () => {
    const film = newFilm({ identification });
    await film.frame(anna(1));
    expect(film.tracker.assign(1, 'A07')).toBe(true);
    await film.frame(anna(1));
    expect(film.participant(1, 1)).toBe('A07');
  });

  it('loses no frame of a face that nobody knew yet', async () => {
    const film = newFilm({ identification });
    await film.frames(5, unclear(anna(1)));
    film.tracker.assign(1, 'A07');
    await film.frames(5, anna(1));
    film.end();
    expect(film.person(1, 0)).not.toBeNull();
    expect(film.participant(1, 0)).toBeNull();
  });

  it('is refused for faces that are not in view and people who were not asked', async () => {
    const film = newFilm({ identification });
    expect(film.tracker.assign(1, 'A07')).toBe(false);
    await film.frames(10, anna(1), ben(2));
    expect(film.tracker.assign(3, 'A07')).toBe(false);
    expect(film.tracker.assign(1, 'C09')).toBe(false);
    await film.frames(2, ben(2));
    expect(film.tracker.assign(1, 'A07')).toBe(false);
    expect(film.tracker.assign(1, null)).toBe(false);
    await film.frames(2, ben(2));
    expect(film.participant(2, 12)).toBeNull();
  });

  it('takes the name from whoever had it: nobody is in two places', async () => {
    const film = newFilm({ identification });
    await film.frames(10, anna(1), ben(2));
    film.tracker.assign(1, 'A07');
    await film.frames(10, anna(1), ben(2));
    film.tracker.assign(2, 'A07');
    await film.frames(100, anna(1), ben(2));
    film.end();
    expect([film.participant(1, 19), film.participant(2, 19)]).toEqual(['A07', null]);
    for (const sequence of [20, 60, 119]) {
      expect([film.participant(1, sequence), film.participant(2, sequence)]).toEqual([null, 'A07']);
      expect(film.person(1, sequence)).not.toBeNull();
    }
    expectWhole(film, 1, upTo(120));
    expectWhole(film, 2, upTo(120));
  });

  it('swaps two who were taken for one another, each from the frame on in which it was said', async () => {
    const film = await two({ identification });
    film.tracker.assign(1, 'B08');
    film.tracker.assign(2, 'A07');
    await film.frames(100, anna(1), ben(2));
    expect([film.participant(1, 19), film.participant(2, 19)]).toEqual(['A07', 'B08']);
    for (const sequence of [20, 119]) {
      expect([film.participant(1, sequence), film.participant(2, sequence)]).toEqual(['B08', 'A07']);
      expect([film.surePerson(1, sequence), film.surePerson(2, sequence)]).not.toContain(null);
    }
  });

  it('can be said again, taken back, and given to a bystander', async () => {
    const film = newFilm({ identification });
    await film.frames(10, cleo(3), anna(1));
    film.tracker.assign(1, 'A07');
    film.tracker.assign(1, 'A07');
    await film.frames(10, cleo(3), anna(1));
    film.tracker.assign(1, null);
    await film.frames(10, cleo(3), anna(1));
    expect([film.participant(1, 20), film.participant(1, 29)]).toEqual([null, null]);
    expect(film.person(1, 29)).not.toBeNull(); // a bystander is somebody
    film.tracker.assign(3, 'A07');
    film.tracker.assign(1, 'A07');
    film.tracker.assign(3, 'B08');
    await film.frames(10, cleo(3), anna(1));
    expect([film.participant(1, 30), film.participant(3, 30)]).toEqual(['A07', 'B08']);
    film.end();
    expectWhole(film, 1, upTo(40));
    expectWhole(film, 3, upTo(40));
  });

  it('of a face that has gone by the next frame leaves nothing behind', async () => {
    const film = newFilm({ identification });
    await film.frames(10, anna(1));
    film.tracker.assign(1, 'A07');
    await film.frames(5);
    film.end();
    expectWhole(film, 1, upTo(10));
    expect(film.participant(1, 9)).toBeNull();
  });

  it('behind the last frame leaves nothing behind either', async () => {
    const film = newFilm({ identification });
    await film.frames(10, anna(1));
    film.tracker.assign(1, 'A07');
    film.end();
    expectWhole(film, 1, upTo(10));
  });

  it('can be said of the face anew when the track was lost in the very frame', async () => {
    const film = newFilm({ identification });
    const here = boxAround(100, 100);
    await film.frames(10, { ...anna(1), at: here });
    film.tracker.assign(1, 'A07');
    await film.frame({ ...anna(2), at: here });
    expect(film.tracker.assign(2, 'A07')).toBe(true);
    await film.frames(10, { ...anna(2), at: here });
    expect(film.participant(2, 11)).toBe('A07');
    expect(film.surePerson(2, 20)).not.toBeNull();
  });
});

describe('with identification, whoever was given a name', () => {
  it('is learned at the next look and known again elsewhere', async () => {
    const film = await two();
    expect(film.looksAt(1)).toContain(10);
    await film.frames(60, ben(2));
    await film.frames(10, ben(2), anna(5));
    expect(film.participant(5, 89)).toBe('A07');
    expect(film.surePerson(5, 89)).not.toBeNull();
  });

  it('is not confused with whoever had the name before', async () => {
    const film = newFilm();
    await film.frames(10, ben(2));
    film.tracker.assign(2, 'A07'); // by mistake
    await film.frames(10, ben(2), anna(1));
    film.tracker.assign(1, 'A07');
    await film.frames(100, ben(2), anna(1));
    expect([film.participant(1, 100), film.participant(2, 100)]).toEqual(['A07', null]);
    await film.frames(60, ben(2));
    await film.frames(10, ben(2), anna(5));
    expect(film.participant(5, 189)).toBe('A07');
    // A look at Ben does not bring the name back either.
    await film.frames(60);
    await film.frames(60, ben(6));
    film.end();
    expect(film.participant(6, 309)).toBeNull();
  });

  it('is unknown by looks again when the name was taken back: strangers are not looked at for it', async () => {
    const film = newFilm({ participants: byHand.slice(0, 1) });
    await film.frames(10, anna(1));
    film.tracker.assign(1, 'A07');
    await film.frames(10, anna(1));
    film.tracker.assign(1, null);
    const looks = film.looks.length;
    await film.frames(100, anna(1), ben(2));
    expect(film.looks).toHaveLength(looks);
  });
});

describe('a bystander', () => {
  it('is not embedded before anybody was given a name', async () => {
    const film = newFilm();
    await film.frames(200, anna(1), ben(2), cleo(3));
    expect(film.looks).toEqual([]);
  });

  it('is not embedded while all who were given a name are in view', async () => {
    const film = await two();
    await film.frames(200, anna(1), ben(2), cleo(3));
    expect(film.looksAt(3)).toEqual([]);
    expect(film.participant(3, 200)).toBeNull();
    expect(film.person(3, 200)).not.toBeNull();
  });

  it('is not embedded while none of those who are missing is known by looks', async () => {
    const film = newFilm();
    await film.frames(10, unclear(anna(1)));
    film.tracker.assign(1, 'A07');
    await film.frames(10, unclear(anna(1)));
    await film.frames(100, ben(2));
    expect(film.looks).toEqual([]);
  });

  it('is looked at while somebody is missing who is known by looks, until it is a stranger', async () => {
    const film = await two();
    await film.frames(200, ben(2), cleo(3));
    expect(film.looksAt(3)).toEqual(upTo(5).map((i) => 20 + i));
    expect(film.participant(3, 200)).toBeNull();
  });
});

describe('a participant who takes consent back', () => {
  /** A film that fails where a face of A07 is looked at after the withdrawal. */
  async function withdrawn(options: ConstructorParameters<typeof IdentityFilm>[0] = {}): Promise<IdentityFilm> {
    const film = await two(options);
    film.tracker.withdraw('A07');
    return film;
  }

  it('keeps the name and is not embedded any more, however long and in whatever doubt', async () => {
    const film = await withdrawn();
    await film.frames(200, anna(1), ben(2));
    await film.frame(doubtful(anna(1)), ben(2));
    await film.frames(200, anna(1), ben(2));
    expect(Math.max(...film.looksAt(1))).toBeLessThan(20);
    expect(Math.max(...film.looksAt(2))).toBeGreaterThan(300);
    expect(film.participant(1, 219)).toBe('A07');
    expect(film.participant(1, 420)).toBe('A07');
  });

  it('is known by the track from then on, not by looks, and less surely', async () => {
    const film = await two();
    await film.frames(100, anna(1), ben(2));
    film.tracker.withdraw('A07');
    await film.frames(20, anna(1), ben(2));
    await film.frame(doubtful(anna(1)), ben(2)); // it may be Ben's face now
    await film.frames(20, anna(1)); // Ben has gone
    await film.frame(doubtful(anna(1)));
    await film.frames(20, anna(1));
    film.end();
    expect(film.segment(1, 100)).toMatchObject({ source: 'embedding' });
    expect(film.segment(1, 125)).toMatchObject({ source: 'track', confidence: 0.8, firstSequence: 120 });
    expect(film.segment(1, 145)).toMatchObject({ source: 'track', confidence: 0.5 });
    expect(film.segment(1, 175)).toMatchObject({ source: 'track', confidence: 0.65 });
    expect(film.participant(1, 175)).toBe('A07');
    expect(film.segment(2, 135)).toMatchObject({ source: 'embedding' });
  });

  it('is not embedded in a doubt while somebody else is missing', async () => {
    const film = await withdrawn();
    await film.frames(10, anna(1)); // Ben has gone, and is known by looks
    await film.frame(doubtful(anna(1)));
    await film.frames(100, anna(1));
    expect(Math.max(...film.looksAt(1))).toBeLessThan(20);
  });

  it('is not looked for: strangers are not embedded because of somebody who has left', async () => {
    const film = await withdrawn();
    await film.frames(20, ben(2));
    await film.frames(100, ben(2), anna(5), cleo(3));
    expect([film.looksAt(5), film.looksAt(3)]).toEqual([[], []]);
    expect(film.participant(5, 120)).toBeNull();
  });

  it('is not looked for by a picture either', async () => {
    const film = new IdentityFilm({ participants: [{ code: 'A07', claim: 'picture' }] });
    film.tracker.enrol('A07', ANNA);
    film.tracker.withdraw('A07');
    await film.frames(100, anna(1));
    expect(film.looks).toEqual([]);
  });

  it('leaves no look behind by which a face could be known', async () => {
    const film = await two({ checkEveryFrames: 10 });
    // Looks at the face in doubt are kept until they are clear; the withdrawal comes between two of them.
    await film.frames(5, { track: 1, face: between(ANNA, 0.55, AWAY) }, ben(2));
    film.tracker.withdraw('A07');
    await film.frames(1, ben(2));
    await film.frames(60, ben(2), { track: 5, face: between(ANNA, 0.55, AWAY) });
    expect(film.participant(5, 80)).toBeNull();
    expect(film.looksAt(5)).toEqual([]);
  });

  it('may be given a name again, and is embedded no more for that', async () => {
    const film = await withdrawn();
    await film.frames(5, ben(2), anna(5));
    expect(film.tracker.assign(5, 'A07')).toBe(true);
    await film.frames(100, ben(2), anna(5));
    expect(film.participant(5, 124)).toBe('A07');
    expect(film.looksAt(5)).toEqual([]);
  });

  it('who is unknown changes nothing', async () => {
    const film = await two();
    film.tracker.withdraw('C09');
    await film.frames(100, anna(1), ben(2));
    expect(Math.max(...film.looksAt(1))).toBeGreaterThan(50);
  });
});

describe('an unknown face that was looked at for somebody else', () => {
  it('keeps its rows when it is given a name', async () => {
    const film = await two();
    // Ben is missing; a face is looked at that is neither near nor far.
    const somebody: Sight = { track: 3, face: between(ANNA, 0.6, AWAY) };
    await film.frames(3, anna(1), somebody);
    expect(film.person(3, 20)).toBeNull();
    film.tracker.assign(3, 'B08');
    await film.frames(20, anna(1), somebody);
    film.end();
    expect(film.participant(3, 23)).toBe('B08');
    expect(film.person(3, 20)).not.toBeNull();
    expectWhole(
      film,
      3,
      upTo(23).map((i) => 20 + i),
    );
  });
});
