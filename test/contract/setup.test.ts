import { describe, expect, it } from 'vitest';
import { consentFileSchema, type Scope } from '../../src/main/contract/consent.ts';
import { liveSetup } from '../../src/main/contract/live.ts';
import { PURPOSES, sessionSetup } from '../../src/main/contract/setup.ts';
import { isSessionId } from '../../src/main/contract/video.ts';
import { SETUP } from '../fixtures/records.ts';

/** The first fault of a setup with these changes; null where there is none. */
function faultOf(changes: object): string | null {
  const { error } = sessionSetup.safeParse({ ...SETUP, approval: null, ...changes });
  const [issue] = error?.issues ?? [];
  return issue ? issue.path.join('.') : null;
}

describe('the setup of a session', () => {
  it('is what it was', () => {
    expect(sessionSetup.parse(SETUP)).toEqual(SETUP);
  });

  it.each(PURPOSES)('for the purpose %s has grounds exactly where they are needed', (purpose) => {
    const needed = purpose === 'workplace' || purpose === 'education';
    expect(faultOf({ purpose, grounds: null })).toBe(needed ? 'grounds' : null);
    expect(faultOf({ purpose, grounds: 'medical' })).toBe(needed ? null : 'grounds');
    expect(faultOf({ purpose, grounds: 'safety' })).toBe(needed ? null : 'grounds');
  });

  it('has an approval where that is the grounds, and may have one elsewhere', () => {
    expect(faultOf({ purpose: 'education', grounds: 'ethics' })).toBe('approval');
    expect(faultOf({ purpose: 'education', grounds: 'ethics', approval: SETUP.approval })).toBeNull();
    expect(faultOf({ purpose: 'education', grounds: 'medical', approval: SETUP.approval })).toBeNull();
  });

  it.each([
    [{ project: '' }, 'project'],
    [{ project: 'p'.repeat(81) }, 'project'],
    [{ purpose: 'fun' }, 'purpose'],
    [{ keeps: 'sound' }, 'keeps'],
    [{ approval: { ...SETUP.approval, number: '' } }, 'approval.number'],
    [{ approval: { ...SETUP.approval, body: '' } }, 'approval.body'],
    [{ approval: { ...SETUP.approval, legalBasis: '' } }, 'approval.legalBasis'],
    [{ another: 1 }, ''],
  ])('is refused with %o', (changes, place) => {
    expect(faultOf(changes)).toBe(place);
  });

  it('takes a project of one and of 80 letters', () => {
    expect(faultOf({ project: 'p' })).toBeNull();
    expect(faultOf({ project: 'p'.repeat(80) })).toBeNull();
  });
});

describe('a participant of a consent file', () => {
  const parse = (more: object): unknown =>
    consentFileSchema.parse({ participants: [{ code: 'A07', scopes: ['analysis'], ...more }] }).participants[0];

  it('may say who asked, who agreed and how long the recording may be kept', () => {
    const more = { obtained_by: 'K. Meier', guardian: 'L. D.', assent: true, ethics_number: '2026-117' };
    const participant = { code: 'A07', scopes: ['analysis'], ...more, retain_until: '2031-12-31' };
    expect(parse(participant)).toEqual(participant);
    expect(parse({})).toEqual({ code: 'A07', scopes: ['analysis'] });
  });

  it.each(['2031-13-01', '31.12.2031', '2031', ''])('is not kept until %o', (day) => {
    expect(() => parse({ retain_until: day })).toThrow('such as 2031-12-31');
  });
});

describe('a recording with video', () => {
  const setupOf = (...scopes: readonly Scope[][]): unknown => ({
    name: 'dyad',
    setup: { ...SETUP, keeps: 'video' },
    form: { version: '1' },
    participants: scopes.map((own, i) => ({ code: `A0${i}`, scopes: own })),
  });

  it('needs the consent of everybody to video', () => {
    const isAllowed = (...scopes: readonly Scope[][]): boolean => liveSetup.safeParse(setupOf(...scopes)).success;
    expect(isAllowed(['analysis', 'video'])).toBe(true);
    expect(isAllowed(['video'], ['analysis', 'video'])).toBe(true);
    expect(isAllowed(['analysis'])).toBe(false);
    expect(isAllowed(['analysis', 'video'], ['analysis', 'identification', 'sharing'])).toBe(false);
    expect(liveSetup.safeParse(setupOf([])).error?.issues).toMatchObject([{ path: ['setup', 'keeps'] }]);
  });
});

describe('the id of a session', () => {
  it.each(['0123456789abcdef', 'aaaa'])('may be %s', (id) => {
    expect(isSessionId(id)).toBe(true);
  });

  it.each(['', 'abc', '..', '../../etc', 'aaaa/bbbb', 'aaaa.webm', 'AAAA', 'aaaa%00', 'a'.repeat(65), 'aaaa\n'])(
    'may not be %j',
    (id) => {
      expect(isSessionId(id)).toBe(false);
    },
  );
});
