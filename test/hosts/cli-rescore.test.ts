// mien rescore: what comes of a session without its pictures is what an analysis of the pictures would have given.
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { evenWeights, type Profile } from '../../src/main/core/profile.ts';
import { RULES } from '../../src/main/core/refine.ts';
import {
  STACK,
  Workplace,
  messagesOf,
  readJsonLines,
  readTable,
  type AnalyzeReport,
  type InputReport,
  type SessionReport,
} from '../fixtures/cli.ts';
import { DANA, ERIN, writeShots } from '../fixtures/cli-films.ts';

const MIEN = JSON.parse(readFileSync(new URL('../../models/profiles/mien.json', import.meta.url), 'utf8')) as Profile;

/** Two members that are made less sure, every rule, narrower limits, a rejection, windows of frames, and identity less sure. */
const STRICT: Profile = {
  ...MIEN,
  name: 'strict',
  description: 'Two members, narrow limits.',
  members: [
    { model: 'mien-photos-ferplus', weights: evenWeights(3), temperature: 5 },
    { model: 'mien-labels-fer2013', weights: evenWeights(1), temperature: 4 },
  ],
  override: true,
  rules: { active: RULES, parameters: { ...MIEN.rules.parameters, happinessLift: 1.5 } },
  temperature: 1.25,
  contempt: false,
  reject: 39.8,
  quality: { ...MIEN.quality, maxYawDeg: 13.9, minSharpness: 0.7 },
  window: { ...MIEN.window, frames: { smoothing: 3, confirmation: 7 } },
  ambiguity: { gap: 60, least: 1 },
};

const TABLES = ['.wide.csv', '.long.csv', '.jsonl', '.intervals.csv'];

interface RescoreReport {
  readonly session_id: string;
  readonly code: string;
  readonly scored_again_from: string;
  readonly profile: string;
  readonly frames: number;
}

interface Facts {
  readonly scored_again?: { readonly from_session_id: string; readonly from_code: string };
  readonly profile: { readonly name: string };
  readonly models: readonly { readonly id: string }[];
  readonly source: unknown;
}

const place = new Workplace();
let film: InputReport;
let strict: InputReport;

const ownProfile = (name: string, content: unknown): void => {
  mkdirSync(join(place.data, 'profiles'), { recursive: true });
  writeFileSync(join(place.data, 'profiles', `${name}.json`), JSON.stringify(content));
};

const analyse = async (...words: string[]): Promise<InputReport> => {
  const all = ['analyze', place.at('film.mp4'), '--out', place.at('analysed'), ...words];
  return (await place.json<AnalyzeReport>(all)).inputs[0];
};

/** The files of a session by their endings, without what each session has of its own. */
async function filesOf(id: string, code: string): Promise<Record<string, string>> {
  const out = place.at(`files of ${id}`);
  const { code: exit, stderr } = await place.run(['export', id, '--out', out, '--keep-invalid', '--interval', '1']);
  expect([exit, stderr]).toEqual([0, '']);
  const files = readdirSync(out).map((name) => [name.slice(code.length), readFileSync(join(out, name), 'utf8')]);
  return Object.fromEntries(files.map(([ending, text]) => [ending, text.replaceAll(id, 'SESSION')]));
}

const factsOf = (files: Record<string, string>): Facts => JSON.parse(files['.meta.json']) as Facts;

const sessionIds = async (): Promise<string[]> =>
  (await place.json<{ sessions: SessionReport[] }>(['sessions'])).sessions.map(({ session_id }) => session_id);

beforeAll(async () => {
  const shots = [
    { of: DANA, frames: 20 },
    { of: null, frames: 5 },
    { of: ERIN, frames: 20 },
  ];
  await writeShots(place.at('film.mp4'), shots);
  ownProfile('strict', STRICT);
  film = await analyse();
  strict = await analyse('--profile', 'strict', '--code', 'strictly');
  rmSync(place.at('film.mp4')); // no picture is needed from here on
});
afterAll(() => place.remove());

describe('scoring a session again', () => {
  it('with its own profile gives the same tables to the last byte', async () => {
    const made = await place.json<RescoreReport>(['rescore', 'film', '--profile', 'mien']);
    expect(made).toMatchObject({ code: 'film.mien', scored_again_from: film.session_id, profile: 'mien', frames: 45 });
    expect(made.session_id).not.toBe(film.session_id);
    const [then, now] = [await filesOf(film.session_id, 'film'), await filesOf(made.session_id, made.code)];
    expect(Object.keys(now).sort()).toEqual(Object.keys(then).sort());
    for (const ending of TABLES) {
      expect(now[ending].length, ending).toBeGreaterThan(100);
      expect(now[ending] === then[ending], `${ending} is the same`).toBe(true);
    }
    const { scored_again, ...facts } = factsOf(now);
    expect(scored_again).toMatchObject({ from_session_id: film.session_id, from_code: 'film' });
    expect(facts).toMatchObject({
      profile: factsOf(then).profile,
      models: factsOf(then).models,
      source: factsOf(then).source,
    });
    expect(now['.report.html']).toContain(`from the stored outputs of the session film (${film.session_id})`);
    expect(then['.report.html']).not.toContain('scored again');
  });

  it('with another profile gives what an analysis with it would have given', async () => {
    const made = await place.json<RescoreReport>(['rescore', film.session_id, '--profile', 'strict']);
    const [analysed, scored] = [
      await filesOf(strict.session_id, 'strictly'),
      await filesOf(made.session_id, made.code),
    ];
    for (const ending of TABLES) expect(scored[ending] === analysed[ending], `${ending} is the same`).toBe(true);
    expect(factsOf(scored)).toMatchObject({ profile: factsOf(analysed).profile, models: factsOf(analysed).models });

    const reasons = (code: string, id: string): Set<string> =>
      new Set(readTable(place.at(`files of ${id}`, `${code}.wide.csv`)).map((row) => row.missing_reason));
    const lines = readJsonLines<{ members: object | null }>(
      place.at(`files of ${made.session_id}`, `${made.code}.jsonl`),
    );
    expect(lines.flatMap(({ members }) => (members ? [Object.keys(members)] : []))[0]).toEqual(
      STRICT.members.map(({ model }) => model),
    );
    // The limits and the rules say something.
    expect([...reasons('film', film.session_id)]).not.toContain('rejected');
    for (const reason of ['rejected', 'extreme_pose', ''])
      expect([...reasons(made.code, made.session_id)]).toContain(reason);
    const table = readTable(place.at(`files of ${made.session_id}`, `${made.code}.wide.csv`));
    const refined = table.filter((row) => row.rules_fired !== '');
    expect(refined.length).toBeGreaterThan(0);
    expect(refined.filter((row) => row.happiness === row.refined_happiness)).toEqual([]);
  });

  it('once more makes another session, and a file can be given, too', async () => {
    writeFileSync(place.at('loose.json'), JSON.stringify({ ...STRICT, name: 'loose' }));
    const words = ['rescore', 'film', '--profile', place.at('loose.json')];
    const [first, second] = [await place.json<RescoreReport>(words), await place.json<RescoreReport>(words)];
    expect([first.code, second.code]).toEqual(['film.loose', 'film.loose-2']);
    expect(first.session_id).not.toBe(second.session_id);
    const { code, stdout } = await place.run(['rescore', 'film.loose', '--profile', 'strict']);
    expect([code, stdout]).toEqual([0, expect.stringContaining('film.loose.strict')]);
  });

  it.each<[string, string, object | string, RegExp]>([
    [
      'that looks at pictures otherwise',
      'film',
      { ...STRICT, tracking: { ...MIEN.tracking, detectEveryFrames: 5 } },
      /detectEveryFrames/,
    ],
    ['that needs a model that has said nothing', 'strictly', MIEN, /needs the model mien-labels-ferplus/],
    ['that there is not', 'film', 'nobody', /"nobody" cannot be read/],
    ['that is broken', 'film', { ...STRICT, window: 5 }, /"window" must be/],
    ['for a session that there is not', 'nowhere', STRICT, /no session "nowhere"/],
  ])('with a profile %s is refused in one line, and nothing is left of it', async (_, session, profile, words) => {
    const before = await sessionIds();
    writeFileSync(place.at('asked.json'), JSON.stringify(profile));
    const name = typeof profile === 'string' ? profile : place.at('asked.json');
    const result = await place.run(['rescore', session, '--profile', name]);
    expect([result.code, result.stdout, messagesOf(result).length]).toEqual([2, '', 1]);
    expect(result.stderr).toMatch(words);
    expect(result.stderr).not.toMatch(STACK);
    expect(await sessionIds()).toEqual(before);
  });

  it('needs a profile', async () => {
    const { code, stderr } = await place.run(['rescore', 'film']);
    expect([code, stderr]).toEqual([2, expect.stringContaining('--profile')]);
  });
});
