// Same input, same numbers: what the window's queue makes of a film is what the command line makes of it, whatever its codec.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AnalysisJob } from '../../src/main/contract/api.ts';
import { Workplace, type AnalyzeReport } from '../fixtures/cli.ts';
import { DANA, FAYE, writeShots } from '../fixtures/cli-films.ts';
import { displayMatrix, evenTicks, type FilmSpec } from '../fixtures/clips.ts';
import { Served, type Connected } from '../fixtures/served.ts';

const SHOTS = [
  { of: DANA, frames: 10 },
  { of: FAYE, frames: 6 },
];
const FRAMES = 16;

const FILMS: readonly (readonly [name: string, spec: Partial<FilmSpec>])[] = [
  ['h264.mp4', {}],
  ['hevc.mkv', { encoder: 'libx265', encoderOptions: { preset: 'ultrafast', 'x265-params': 'log-level=none' } }],
  ['vp9.webm', { encoder: 'libvpx-vp9', encoderOptions: { deadline: 'good', 'cpu-used': '4' } }],
  ['mpeg4.avi', { encoder: 'mpeg4', encoderOptions: {} }],
  ['turned.mp4', { displayMatrix: displayMatrix(-1, 0, 0, -1) }],
  ['variable.mp4', { ticks: evenTicks(FRAMES).map((i) => i * i) }],
];
const ENDINGS = ['wide.csv', 'long.csv', 'intervals.csv', 'jsonl', 'report.html'];

describe('the queue of the window and the command line', { timeout: 120_000 }, () => {
  const [here, there] = [new Workplace(), new Workplace()];
  let served: Served;
  let wire: Connected;

  beforeAll(async () => {
    for (const [name, spec] of FILMS) await writeShots(here.at(name), SHOTS, spec);
    const { inputs } = await there.json<AnalyzeReport>([
      'analyze',
      ...FILMS.map(([name]) => here.at(name)),
      ...['--out', there.out],
    ]);
    expect(inputs.map(({ ok, frames }) => [ok, frames])).toEqual(FILMS.map(() => [true, FRAMES]));
    served = await Served.start(here);
    wire = await served.connect();
    for (const [name] of FILMS) {
      await wire.client.call('analyses.add', { path: here.at(name), haveAgreed: true, identification: true }).result;
    }
  }, 240_000);

  afterAll(async () => {
    served.program.signal('SIGTERM');
    await served.program.finished;
    here.remove();
    there.remove();
  });

  /** The job of a film when it has come to its end. */
  function ended(name: string): Promise<AnalysisJob> {
    return new Promise((resolve, reject) => {
      const watching = wire.client.call('analyses.watch', {}, (jobs) => {
        const job = jobs.find(({ path }) => path === here.at(name));
        if (!job || job.state === 'waiting' || job.state === 'running') return;
        watching.cancel();
        resolve(job);
      });
      watching.result.catch(reject);
    });
  }

  it.each(FILMS.map(([name]) => name))('say the same of %s', async (name) => {
    const { state, sessionId } = await ended(name);
    expect(state).toBe('done');
    const stem = name.replace(/\..*/, '');
    await wire.client.call('sessions.export', {
      ...{ id: sessionId ?? '', folder: here.out, intervalSeconds: 10, keepInvalid: false },
      formats: ['wide', 'long', 'jsonl', 'intervals', 'report'],
    }).result;
    for (const ending of ENDINGS) {
      const [own, other] = [here.out, there.out].map((folder) => readFileSync(join(folder, `${stem}.${ending}`)));
      expect(own.equals(other), ending).toBe(true);
    }
    expect(readFileSync(join(here.out, `${stem}.wide.csv`), 'utf8')).toContain(',1,,'); // valid rows, not empty files
  });
});
