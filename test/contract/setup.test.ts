import { describe, expect, it } from 'vitest';
import { consentFileSchema } from '../../src/main/contract/consent.ts';
import { PURPOSES, sessionSetup } from '../../src/main/contract/setup.ts';
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
    [{ keeps: 'video' }, 'keeps'],
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
