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

type Options = NonNullable<ConstructorParameters<typeof IdentityFilm>[0]>;

/** What somebody says between two frames, of the faces of the last one. */
type Says = (film: IdentityFilm, tracks: readonly number[], random: () => number) => void;

/** A film by chance. `silent`: whether two faces may change places without a doubt. */
async function randomFilm(
  seed: number,
  options: Options,
  silent: boolean,
  says: Says = () => undefined,
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
    says(
      film,
      shown.map(({ track }) => track),
      random,
    );
  }
  film.end();
  return { film, frames };
}

const SEEDS = Array.from({ length: 25 }, (_, i) => i + 1);

/** Every face of every frame is in one segment of its own, and nobody is in two places. */
function expectWhole(film: IdentityFilm, frames: readonly (readonly Shown[])[], seed: number): void {
  frames.forEach((shown, sequence) => {
    const persons = shown.map(({ track }) => film.person(track, sequence)).filter((person) => person !== null);
    expect(new Set(persons).size, `seed ${seed}, frame ${sequence}`).toBe(persons.length);
    for (const { track } of shown) {
      const covering = film.segmentsOf(track).filter((s) => s.firstSequence <= sequence && sequence <= s.lastSequence);
      expect(covering.map(({ id }) => id)).toEqual([film.segment(track, sequence).id]);
      expect(covering[0].confidence).toBeGreaterThanOrEqual(0);
      expect(covering[0].confidence).toBeLessThanOrEqual(1);
    }
  });
  const looked = film.looks.map((look) => look.sequence);
  expect(new Set(looked).size).toBe(looked.length);
}

const KINDS = [
  ['crossings that raise a doubt', {}, false],
  ['silent crossings', {}, true],
  ['no identification', { identification: false }, false],
  ['two participants', { participants: ['A07', 'A08'].map((code) => ({ code, claim: 'order' as const })) }, true],
] as const;

describe.each(KINDS)('films with %s', (_, options, silent) => {
  it('have no frame of a face in no segment or in two, and nobody in two places at once', async () => {
    for (const seed of SEEDS) {
      const { film, frames } = await randomFilm(seed, options, silent);
      expectWhole(film, frames, seed);
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

describe.each([true, false])(
  'films in which somebody says by chance who is who (identification: %s)',
  (identification) => {
    const codes = ['A07', 'B08'];

    it('are whole, and nobody is embedded who did not agree', async () => {
      let [said, looks] = [0, 0];
      for (const seed of SEEDS) {
        const withdrawn = new Set<string | null>();
        const onLook = (track: number, film: IdentityFilm): void => {
          looks++;
          const whose = film.participantNow(track);
          expect(withdrawn).not.toContain(whose);
          const missing = codes.filter((code) => !withdrawn.has(code) && !film.inView.includes(code));
          if (whose === null) expect(missing, `seed ${seed}: a bystander is looked at`).not.toEqual([]);
        };
        const says: Says = (film, tracks, random) => {
          if (film.next > FRAMES / 2 && withdrawn.size === 0 && random() < 0.05) {
            const code = codes[Math.floor(random() * codes.length)];
            film.tracker.withdraw(code);
            withdrawn.add(code);
          }
          while (tracks.length > 0 && random() < 0.1) {
            const code = [...codes, null][Math.floor(random() * 3)];
            const track = tracks[Math.floor(random() * tracks.length)];
            expect(film.tracker.assign(track, code)).toBe(true);
            said++;
          }
        };
        const participants = codes.map((code) => ({ code, claim: 'hand' as const }));
        const made = await randomFilm(seed, { identification, participants, onLook }, true, says);
        expectWhole(made.film, made.frames, seed);
      }
      expect(said).toBeGreaterThan(300);
      if (identification) expect(looks).toBeGreaterThan(300);
      else expect(looks).toBe(0);
    });
  },
);
