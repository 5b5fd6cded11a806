import { describe, expect, it } from 'vitest';
import { liveSetup } from '../../../src/main/contract/live.ts';
import {
  consequencesOf,
  liveSetupOf,
  problemsOf,
  zonedTime,
  type Field,
  type ParticipantDraft,
  type SetupDraft,
} from '../../../src/renderer/state/setup-rules.ts';

const TODAY = '2026-11-22';
const NOW = '2026-11-22T14:05:09+01:00';

const participant = (key: number, more: Partial<ParticipantDraft> = {}): ParticipantDraft => ({
  key,
  code: `A0${key}`,
  analysis: true,
  identification: true,
  video: false,
  sharing: false,
  retainUntil: '',
  isMinor: false,
  guardian: '',
  assent: false,
  ...more,
});

/** A set-up with nothing wrong and nothing that may stay empty. */
const draft = (more: Partial<SetupDraft> = {}): SetupDraft => ({
  project: 'Smiles',
  name: 'smiles-01',
  profile: '',
  purpose: 'research',
  grounds: '',
  approvalNumber: '',
  approvalBody: '',
  legalBasis: '',
  keeps: 'features',
  formVersion: '2026-03',
  formSha256: null,
  formFault: null,
  obtainedBy: '',
  retainUntil: '',
  ethicsNumber: '',
  participants: [participant(7)],
  ...more,
});

const wrongFields = (more: Partial<SetupDraft>): Field[] => [...problemsOf(draft(more), TODAY).keys()];

/** The draft has no problem, and its message is one that the contract allows. */
function expectAllowed(more: Partial<SetupDraft>): void {
  expect(wrongFields(more)).toEqual([]);
  expect(liveSetup.safeParse(liveSetupOf(draft(more), NOW)).error).toBeUndefined();
}

/** Exactly these fields are wrong. */
function expectWrong(more: Partial<SetupDraft>, ...fields: Field[]): void {
  expect(wrongFields(more)).toEqual(fields);
}

const APPROVAL = {
  approvalNumber: 'EK 12',
  approvalBody: 'Ethics committee',
  legalBasis: 'Art. 9(2)(j) GDPR',
} as const;

describe('what a set-up must say', () => {
  it('is asked in the order of the page when nothing is filled in', () => {
    const empty = { ...APPROVAL, approvalNumber: ' ', approvalBody: '', legalBasis: '\t' };
    const nobody = participant(3, { code: '', analysis: false, isMinor: true });
    const texts = { project: '', name: ' ', formVersion: '', retainUntil: 'soon', formFault: 'It is gone.' };
    expectWrong(
      { ...empty, ...texts, purpose: 'workplace', grounds: 'ethics', participants: [nobody] },
      ...(['project', 'name', 'approvalNumber', 'approvalBody', 'legalBasis', 'formVersion', 'formFile'] as const),
      ...(['retainUntil', 'code-3', 'analysis-3', 'guardian-3'] as const),
    );
    expectWrong({ purpose: '' }, 'purpose');
  });

  it('says which profile was chosen, and nothing where none is known', () => {
    expect(liveSetupOf(draft({ profile: 'strict' }), NOW)).toMatchObject({ profile: 'strict' });
    expect(liveSetupOf(draft(), NOW)).not.toHaveProperty('profile');
    expectAllowed({ profile: 'strict' });
  });

  it('has names of 1 to 80 characters, spaces around them aside', () => {
    const [longest, longer] = ['x'.repeat(80), 'x'.repeat(81)];
    expectAllowed({ project: ` ${longest} `, name: ` ${longest} ` });
    expectWrong({ project: longer, name: longer }, 'project', 'name');
    expect(liveSetupOf(draft({ name: ' a ', project: ' b ' }), NOW)).toMatchObject({
      name: 'a',
      setup: { project: 'b' },
    });
  });

  it('has grounds for work and education, and for nothing else', () => {
    for (const purpose of ['workplace', 'education'] as const) {
      expectWrong({ purpose }, 'grounds');
      expectAllowed({ purpose, grounds: 'medical' });
      expectAllowed({ purpose, grounds: 'safety' });
      expectWrong({ purpose, grounds: 'ethics' }, 'approvalNumber', 'approvalBody', 'legalBasis');
      expectAllowed({ purpose, grounds: 'ethics', ...APPROVAL });
    }
    for (const purpose of ['research', 'medical', 'safety', 'other'] as const) expectAllowed({ purpose });
  });

  it('has each part of an approval', () => {
    const approved = { purpose: 'education', grounds: 'ethics', ...APPROVAL } as const;
    for (const part of ['approvalNumber', 'approvalBody', 'legalBasis'] as const)
      expectWrong({ ...approved, [part]: ' ' }, part);
  });

  it('ends with a day that is not over', () => {
    expectAllowed({ retainUntil: TODAY });
    expectAllowed({ retainUntil: ' 2031-12-31 ' });
    for (const day of ['2026-11-21', '2031-02-29', '31.12.2031', '2031', '12031-01-01'])
      expectWrong({ retainUntil: day }, 'retainUntil');
    expect(problemsOf(draft({ retainUntil: '2026-11-21' }), TODAY).get('retainUntil')).toContain('over');
    const own = (day: string): Partial<SetupDraft> => ({
      participants: [participant(7, { retainUntil: day }), participant(8)],
    });
    for (const day of ['2026-11-21', 'soon']) expectWrong(own(day), 'retainUntil-7');
    expectAllowed(own(TODAY));
    const { participants } = liveSetupOf(draft({ ...own(' 2030-01-31 '), retainUntil: '2031-12-31' }), NOW);
    expect(participants.map(({ retain_until }) => retain_until)).toEqual(['2030-01-31', '2031-12-31']);
    expect(problemsOf(draft({ retainUntil: '2026-11-31' }), TODAY).get('retainUntil')).toContain('date');
  });

  it('has a code for everybody, and each only once', () => {
    for (const code of ['A', 'x'.repeat(40), 'a_b-c.9', ' A07 '])
      expectAllowed({ participants: [participant(1, { code })] });
    for (const code of ['', ' ', 'x'.repeat(41), 'Anna Meier', 'Jürgen', 'a/b'])
      expectWrong({ participants: [participant(1, { code })] }, 'code-1');
    const twice = [participant(1), participant(5, { code: ' A01' }), participant(6)];
    expectWrong({ participants: twice }, 'code-5');
    expect(problemsOf(draft({ participants: twice }), TODAY).get('code-5')).toContain('A01');
  });

  it('has somebody who agreed to analysis', () => {
    const silent = { analysis: false };
    expectWrong({ participants: [participant(4, silent), participant(2, silent)] }, 'analysis-4');
    expectAllowed({ participants: [participant(4, silent), participant(2)] });
  });

  it('has a guardian for those under age, who is not named either', () => {
    const minor = (guardian: string): Partial<SetupDraft> => ({
      participants: [participant(1, { isMinor: true, guardian })],
    });
    expectWrong(minor(' '), 'guardian-1');
    expectWrong(minor('Maria Klein'), 'guardian-1');
    expectAllowed(minor('M.K.'));
  });
});

describe('video', () => {
  it('is kept only where everybody agreed to it, and each who did not is named', () => {
    const participants = [participant(1, { video: true }), participant(2), participant(3)];
    expectWrong({ keeps: 'video', participants }, 'video-2', 'video-3');
    expect(problemsOf(draft({ keeps: 'video', participants }), TODAY).get('video-3')).toContain('Participant 3');
    expectAllowed({ keeps: 'features', participants });
    expectAllowed({ keeps: 'video', participants: [participant(1, { video: true })] });
  });

  it('is said with its consent', () => {
    const told = liveSetupOf(draft({ keeps: 'video', participants: [participant(1, { video: true })] }), NOW);
    expect(told.setup.keeps).toBe('video');
    expect(told.participants[0].scopes).toEqual(['analysis', 'identification', 'video']);
  });
});

describe('the message of a set-up', () => {
  it('says of every participant what was said for all', () => {
    const participants = [
      participant(1, { sharing: true, isMinor: true, guardian: ' M.K. ', assent: true }),
      participant(2, { code: ' A08 ', identification: false, guardian: 'left over', assent: true }),
    ];
    const forAll = { obtainedBy: 'T.S.', retainUntil: '2031-12-31', ethicsNumber: 'EK 7' };
    const told = liveSetupOf(draft({ participants, ...forAll, formSha256: 'abc' }), NOW);
    const stored = { given_at: NOW, obtained_by: 'T.S.', retain_until: '2031-12-31', ethics_number: 'EK 7' };
    expect(told).toEqual({
      name: 'smiles-01',
      setup: { project: 'Smiles', purpose: 'research', grounds: null, approval: null, keeps: 'features' },
      form: { version: '2026-03', sha256: 'abc' },
      participants: [
        { code: 'A01', scopes: ['analysis', 'identification', 'sharing'], ...stored, guardian: 'M.K.', assent: true },
        { code: 'A08', scopes: ['analysis'], ...stored },
      ],
    });
    expect(liveSetup.safeParse(told).error).toBeUndefined();
  });

  it('says nothing of what stayed empty', () => {
    const [told] = liveSetupOf(draft({ participants: [participant(1, { analysis: false })] }), NOW).participants;
    expect(told).toStrictEqual({ code: 'A01', scopes: ['identification'], given_at: NOW });
  });

  it('takes the number of the approval for the ethics number, and drops grounds of a purpose that needs none', () => {
    const grounds = { grounds: 'ethics', ...APPROVAL, ethicsNumber: 'EK 7' } as const;
    const approved = liveSetupOf(draft({ purpose: 'workplace', ...grounds }), NOW);
    expect(approved.setup).toMatchObject({
      grounds: 'ethics',
      approval: { number: 'EK 12', body: 'Ethics committee', legalBasis: 'Art. 9(2)(j) GDPR' },
    });
    expect(approved.participants[0].ethics_number).toBe('EK 12');
    const free = liveSetupOf(draft({ purpose: 'research', ...grounds }), NOW);
    expect(free.setup).toMatchObject({ grounds: null, approval: null });
    expect(free.participants[0].ethics_number).toBe('EK 7');
    const medical = liveSetupOf(draft({ purpose: 'workplace', ...grounds, grounds: 'medical' }), NOW);
    expect(medical.setup).toMatchObject({ grounds: 'medical', approval: null });
  });
});

describe('what will be computed', () => {
  const others = 'Everybody else in the picture: a box, no expression.';

  it('is said of each', () => {
    expect(consequencesOf([participant(7), participant(8, { analysis: false })])).toEqual([
      'A07: expression and recognition.',
      'A08: a box and recognition, no expression.',
      others,
    ]);
  });

  it('is no recognition of anybody when one does not agree to it', () => {
    const silent = participant(9, { code: ' ', analysis: false, identification: false });
    expect(consequencesOf([participant(7), silent])).toEqual([
      'A07: expression.',
      'Participant 2: a box only.',
      'Nobody is recognised when coming back, because not everybody has agreed to it: Participant 2.',
      others,
    ]);
  });
});

describe('a moment with its zone', () => {
  it.each([
    [60, '2026-11-22T14:05:09+01:00'],
    [0, '2026-11-22T13:05:09+00:00'],
    [-210, '2026-11-22T09:35:09-03:30'],
    [765, '2026-11-23T01:50:09+12:45'],
  ])('%d minutes east', (zone, words) => {
    const unixMs = Date.UTC(2026, 10, 22, 13, 5, 9, 700);
    expect(zonedTime(unixMs, zone)).toBe(words);
    expect(Date.parse(words)).toBe(unixMs - 700);
  });
});
