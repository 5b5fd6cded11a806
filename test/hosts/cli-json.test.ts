// What programs read that start this one: with --json one object on standard output, whatever happens, and an exit code that is
// that of the work.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Workplace, type SessionReport } from '../fixtures/cli.ts';
import { DANA, portrait } from '../fixtures/cli-films.ts';

const MAIN = fileURLToPath(new URL('../../src/main/hosts/cli/main.ts', import.meta.url));
const SENTENCE = expect.stringMatching(/^[A-Z"][^\n]+\.$/) as unknown;

const place = new Workplace();

beforeAll(async () => {
  const face = await portrait(DANA, 200);
  for (const name of ['one.png', 'two.png']) writeFileSync(place.at(name), face);
  writeFileSync(place.at('consent.json'), '{"participants": [{"scopes": []}]}');
});

afterAll(() => place.remove());

describe('with --json', () => {
  it.each([
    ['a session that there is not', ['export', 'nobody', '--out', 'results'], 2, 'session_unknown'],
    ['a participant who is not there', ['erase', 'A99', '--yes'], 2, 'participant_unknown'],
    ['an unknown profile', ['analyze', 'film.mp4', '--out', 'results', '--profile', 'nobody'], 2, 'usage'],
    ['an unknown option', ['sessions', '--fast'], 2, 'usage'],
    ['an unknown command', ['analyse', 'film.mp4'], 2, 'usage'],
    ['a folder missing', ['analyze', 'film.mp4'], 2, 'usage'],
    ['no command', [], 2, 'usage'],
  ] as const)('%s is told as one object too', async (_, words, exit, code) => {
    const { code: ended, stdout, stderr } = await place.run(['--json', ...words]);
    expect(ended).toBe(exit);
    expect(JSON.parse(stdout)).toEqual({ ok: false, error: { code, message: SENTENCE, remedy: SENTENCE } });
    expect(stderr).not.toBe(''); // people are told as ever
  });

  it('the place of a fault in a consent file is told in words', async () => {
    const words = ['analyze', place.at('one.png'), '--out', place.out, '--consent', place.at('consent.json'), '--json'];
    const { code, stdout } = await place.run(words);
    const { error } = JSON.parse(stdout) as { error: { message: string } };
    expect(code).toBe(2);
    expect(error.message).toBe(
      `The consent file ${place.at('consent.json')} is not valid: participants, first: "code" is missing.`,
    );
  });

  it('help is help', async () => {
    const { code, stdout } = await place.run(['--json', '--help']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Usage: mien/);
  });

  it('an answer that is an error besides stays the one object', async () => {
    const consent = { participants: [{ code: 'A07', scopes: ['analysis', 'identification'] }] };
    writeFileSync(place.at('asked.json'), JSON.stringify(consent));
    await place.run(['analyze', place.at('one.png'), '--out', place.out, '--consent', place.at('asked.json')]);
    const { code, stdout } = await place.run(['--json', 'erase', 'A07']);
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toHaveProperty('plan');
  });
});

describe('a reader that goes away', () => {
  it.each([
    ['of two pictures', ['one.png', 'two.png'], 0],
    ['of pictures and of what is not there', ['one.png', 'gone.png', 'two.png'], 3],
  ])('changes nothing in an analysis %s', async (_, names, exit) => {
    const data = place.at(`data-${exit}`);
    const words = ['--data', data, 'analyze', ...names.map((name) => place.at(name)), '--out', place.at(`out-${exit}`)];
    const child = spawn(process.execPath, [MAIN, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.destroy();
    child.stderr.destroy(); // as of "2>&1 | head"
    const [code] = (await once(child, 'close')) as [number | null];
    expect(code).toBe(exit);
    const { stdout } = await place.run(['--data', data, '--json', 'sessions']);
    const { sessions } = JSON.parse(stdout) as { sessions: SessionReport[] };
    expect(sessions.map(({ source }) => source).sort()).toEqual(['one.png', 'two.png']);
  });
});
