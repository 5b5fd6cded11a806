// What is kept of a study, and who may go on with it.
import { statSync, writeFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { afterAll, describe, expect, it } from 'vitest';
import { StudyHistory, type StoredTrial } from '../../src/main/store/study-history.ts';
import { temporaryFolder } from '../fixtures/clips.ts';

const place = temporaryFolder();
afterAll(() => place.remove());

const SETTINGS = { seed: 42, pictures: 'abc', parameters: { ranges: ['x'], begin: [0.1] } };
const COMPLETE: StoredTrial = {
  ...{ number: 0, point: [0.1, 1 / 3], state: 'complete', reports: [1.5, 1.25], value: Math.PI, accuracy: 0.5 },
};
const PRUNED: StoredTrial = { number: 1, point: [1e-3, 3], state: 'pruned', reports: [2], value: 2, accuracy: null };

describe('the history of a study', () => {
  it('gives back to the last bit what was kept, in the order of the numbers, and is for its owner alone', () => {
    const file = place.at('kept.study.sqlite');
    const first = StudyHistory.open(file, SETTINGS);
    first.add(PRUNED);
    first.add(COMPLETE);
    first.close();
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const again = StudyHistory.open(file, SETTINGS);
    expect(again.trials).toEqual([COMPLETE, PRUNED]);
    again.close();
  });

  it('is not gone on with by other settings: it says which', () => {
    const file = place.at('other.study.sqlite');
    StudyHistory.open(file, SETTINGS).close();
    const other = { ...SETTINGS, seed: 43, parameters: { ranges: ['x'], begin: [0.2] } };
    expect(() => StudyHistory.open(file, other)).toThrow('begun with other settings: seed, parameters.');
    expect(() => StudyHistory.open(file, { seed: 42, parameters: SETTINGS.parameters })).toThrow(
      'other settings: pictures.',
    );
    expect(() => StudyHistory.open(file, { ...SETTINGS, votes: true })).toThrow('other settings: votes.');
    StudyHistory.open(file, SETTINGS).close();
  });

  it('belongs to one program at a time', () => {
    const file = place.at('held.study.sqlite');
    const held = StudyHistory.open(file, SETTINGS);
    expect(() => StudyHistory.open(file, SETTINGS)).toThrow(expect.objectContaining({ code: 'store_busy' }));
    held.close();
    StudyHistory.open(file, SETTINGS).close();
  });

  it('is no other file', () => {
    const [text, other] = [place.at('text.sqlite'), place.at('other.sqlite')];
    writeFileSync(text, 'these are the minutes of our last meeting, and no database at all');
    const database = new Database(other);
    database.exec('CREATE TABLE setting (name TEXT, value TEXT)');
    database.close();
    for (const file of [text, other, place.at('missing', 'none.sqlite')])
      expect(() => StudyHistory.open(file, SETTINGS)).toThrow(expect.objectContaining({ code: 'store_unusable' }));
  });
});
