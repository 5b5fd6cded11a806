import { describe, expect, it } from 'vitest';
import { parseOptions } from '../../src/main/hosts/electron/options.ts';

const NONE = { data: undefined, isDemo: false, isVerbose: false };

describe('the words of the application in Electron', () => {
  it('are none, behind the folder of the program', () => {
    expect(parseOptions([])).toEqual(NONE);
    expect(parseOptions(['/somewhere/mien'])).toEqual(NONE);
  });

  it('name the folder of the sessions, ask for the sample camera and for where faults come from', () => {
    const all = { data: '/lab', isDemo: true, isVerbose: true };
    expect(parseOptions(['/somewhere/mien', '--data', '/lab', '--demo', '--verbose'])).toEqual(all);
    expect(parseOptions(['--demo', '--verbose', '--data=/lab'])).toEqual(all);
  });

  it('stand among those of Chromium', () => {
    const words = ['--force-device-scale-factor=2', '--disable-gpu', '--demo', '--lang', 'de'];
    expect(parseOptions(words)).toEqual({ ...NONE, isDemo: true });
  });

  it('name no folder where none is given', () => {
    expect(parseOptions(['--data'])).toEqual(NONE);
    expect(parseOptions(['--data', '--demo']).data).toBeUndefined();
  });
});
