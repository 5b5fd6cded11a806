// Films of people who come, go, turn away, cross and change places in silence, made by chance: what must hold in all of them.
import { describe, expect, it } from 'vitest';
import {
  ANNA,
  BEN,
  CLEO,
  ELSEWHERE,
  IdentityFilm,
  between,
  doubtful,
  unclear,
  type Sight,
} from '../../fixtures/fake-identity.ts';
import { seeded } from '../../fixtures/seeded.ts';

const PEOPLE = [ANNA, BEN, CLEO];
const FRAMES = 240;

interface Shown {
  readonly track: number;
  readonly person: number;
  readonly isClear: boolean;
}

/** A film by chance. `silent`: whether two faces may change places without a doubt. */
async function randomFilm(
  seed: number,
  options: ConstructorParameters<typeof IdentityFilm>[0],
  silent: boolean,
): Promise<{ film: IdentityFilm; frames: readonly (readonly Shown[])[] }> {
  const random = seeded(seed);
  const film = new IdentityFilm({ checkEveryFrames: 12, ...options });
  const frames: Shown[][] = [];
  let next = 1;
  let shown: Shown[] = [];
  for (let i = 0; i < FRAMES; i++) {
    const absent = PEOPLE.map((_, person) => person).filter((person) => shown.every((s) => s.person !== person));
    if (absent.length > 0 && random() < 0.05) {
      const person = absent[Math.floor(random() * absent.length)];
      shown = [...shown, { track: next++, person, isClear: random() < 0.7 }];
    }
    shown = shown.filter(() => random() > 0.01);
    shown = shown.map((face) => (random() < 0.05 ? { ...face, isClear: !face.isClear } : face));
    const swaps = shown.length >= 2 && random() < 0.02;
    if (swaps) {
      const [first, second, ...rest] = shown;
      shown = [{ ...first, person: second.person }, { ...second, person: first.person }, ...rest];
    }
    const sights = shown.map(({ track, person, isClear }, at): Sight => {
      const sight = { track, face: between(PEOPLE[person], 0.25 * random(), ELSEWHERE) };
      const seen = isClear ? sight : unclear(sight);
      return (swaps && !silent && at < 2) || random() < 0.005 ? doubtful(seen) : seen;
    });
    await film.frame(...sights);
    frames.push(shown);
  }
  film.end();
  return { film, frames };
}

const SEEDS = Array.from({ length: 25 }, (_, i) => i + 1);
const KINDS = [
  ['crossings that raise a doubt', {}, false],
  ['silent crossings', {}, true],
  ['no identification', { identification: false }, false],
  ['two participants', { participants: ['A07', 'A08'].map((code) => ({ code, hasPicture: false })) }, true],
] as const;

describe.each(KINDS)('films with %s', (_, options, silent) => {
  it('have no frame of a face in no segment or in two, and nobody in two places at once', async () => {
    for (const seed of SEEDS) {
      const { film, frames } = await randomFilm(seed, options, silent);
      frames.forEach((shown, sequence) => {
        const persons = shown.map(({ track }) => film.person(track, sequence)).filter((person) => person !== null);
        expect(new Set(persons).size, `seed ${seed}, frame ${sequence}`).toBe(persons.length);
        for (const { track } of shown) {
          const covering = film
            .segmentsOf(track)
            .filter((s) => s.firstSequence <= sequence && sequence <= s.lastSequence);
          expect(covering.map(({ id }) => id)).toEqual([film.segment(track, sequence).id]);
          expect(covering[0].confidence).toBeGreaterThanOrEqual(0);
          expect(covering[0].confidence).toBeLessThanOrEqual(1);
        }
      });
      const looked = film.looks.map((look) => look.sequence);
      expect(new Set(looked).size).toBe(looked.length);
    }
  });
});

describe('films in which every crossing raises a doubt', () => {
  it('have no row that is sure and wrong', async () => {
    let sure = 0;
    for (const seed of SEEDS) {
      const { film, frames } = await randomFilm(seed, {}, false);
      const names = new Map<number, number>();
      frames.forEach((shown, sequence) => {
        for (const { track, person } of shown) {
          const number = film.surePerson(track, sequence);
          const isLookedAt = number !== null && film.segment(track, sequence).source === 'embedding';
          if (!isLookedAt) continue;
          sure++;
          expect(names.get(number) ?? person, `seed ${seed}, frame ${sequence}, P${number}`).toBe(person);
          names.set(number, person);
        }
      });
    }
    expect(sure).toBeGreaterThan(5000);
  });
});
