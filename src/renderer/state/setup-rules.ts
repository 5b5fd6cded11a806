// What a set-up must say before the camera is opened, and the message that it becomes. The limits are those of the contract; here
// they get sentences.
import { participantConsent, type Scope } from '../../main/contract/consent.ts';
import { liveSetup, type LiveSetup } from '../../main/contract/live.ts';
import { NEED_GROUNDS, sessionSetup, type Purpose, type SessionSetup } from '../../main/contract/setup.ts';
import { VIDEO_WORDS } from '../ui/video-words.ts';
import { SETUP_WORDS } from '../ui/words.ts';

export type Grounds = NonNullable<SessionSetup['grounds']>;
export type Keeps = SessionSetup['keeps'];

/** A participant as far as he or she has been filled in. */
export interface ParticipantDraft {
  /** Stays the same while others are added and removed. */
  readonly key: number;
  code: string;
  analysis: boolean;
  identification: boolean;
  video: boolean;
  sharing: boolean;
  /** '' where it is that of all. */
  retainUntil: string;
  isMinor: boolean;
  guardian: string;
  assent: boolean;
}

/** A set-up as far as it has been filled in: '' and null for what has not. */
export interface SetupDraft {
  readonly project: string;
  readonly name: string;
  /** Empty for that of the settings. */
  readonly profile: string;
  readonly purpose: Purpose | '';
  readonly grounds: Grounds | '';
  readonly approvalNumber: string;
  readonly approvalBody: string;
  readonly legalBasis: string;
  readonly keeps: Keeps;
  readonly formVersion: string;
  readonly formSha256: string | null;
  /** What is wrong with the form's file. */
  readonly formFault: string | null;
  readonly obtainedBy: string;
  readonly retainUntil: string;
  readonly ethicsNumber: string;
  readonly participants: readonly ParticipantDraft[];
}

/** A field of the page, named as its element is. */
export type Field =
  | Exclude<keyof SetupDraft, 'profile' | 'formSha256' | 'formFault' | 'participants'>
  | 'formFile'
  | `code-${number}`
  | `analysis-${number}`
  | `video-${number}`
  | `guardian-${number}`
  | `retainUntil-${number}`;

/** Whether the purpose is prohibited unless there are grounds. */
export const needsGrounds = (purpose: Purpose | ''): boolean => purpose !== '' && NEED_GROUNDS.includes(purpose);

/** Whether the draft rests on an ethics approval, which is asked then and only then. */
export const needsApproval = ({ purpose, grounds }: Pick<SetupDraft, 'purpose' | 'grounds'>): boolean =>
  needsGrounds(purpose) && grounds === 'ethics';

/**
 * What is wrong with which field, as sentences, in the order of the page. Empty exactly when {@link liveSetupOf} is what the contract
 * allows. `today` is the local day, ISO 8601.
 */
export function problemsOf(draft: SetupDraft, today: string): ReadonlyMap<Field, string> {
  const words = SETUP_WORDS.problems;
  const found = new Map<Field, string>();
  const check = (field: Field, isRight: boolean, problem: string): void => {
    if (!isRight && !found.has(field)) found.set(field, problem);
  };
  const filled = (field: Field, text: string, problem: string): void => check(field, text.trim() !== '', problem);

  filled('project', draft.project, words.noProject);
  check('project', accepts(sessionSetup.shape.project, draft.project), words.longProject);
  filled('name', draft.name, words.noName);
  check('name', accepts(liveSetup.shape.name, draft.name), words.longName);
  filled('purpose', draft.purpose, words.noPurpose);
  if (needsGrounds(draft.purpose)) filled('grounds', draft.grounds, words.noGrounds);
  if (needsApproval(draft)) {
    filled('approvalNumber', draft.approvalNumber, words.noApprovalNumber);
    filled('approvalBody', draft.approvalBody, words.noApprovalBody);
    filled('legalBasis', draft.legalBasis, words.noLegalBasis);
  }
  filled('formVersion', draft.formVersion, words.noFormVersion);
  if (draft.formFault !== null) found.set('formFile', draft.formFault);
  const checkLastDay = (field: Field, text: string): void => {
    const day = text.trim();
    if (day === '') return;
    check(field, accepts(participantConsent.shape.retain_until, day), words.noDate);
    check(field, day >= today, words.pastDate);
  };
  checkLastDay('retainUntil', draft.retainUntil);

  const codes = new Set<string>();
  const isAnybodyAnalysed = draft.participants.some(({ analysis }) => analysis);
  for (const [index, { key, code, video, isMinor, guardian, retainUntil }] of draft.participants.entries()) {
    const position = index + 1;
    filled(`code-${key}`, code, words.noCode(position));
    check(`code-${key}`, isCode(code), words.badCode(position));
    check(`code-${key}`, !codes.has(code.trim()), words.double(code.trim()));
    codes.add(code.trim());
    checkLastDay(`retainUntil-${key}`, retainUntil);
    if (index === 0) check(`analysis-${key}`, isAnybodyAnalysed, words.nobody);
    check(`video-${key}`, video || draft.keeps === 'features', VIDEO_WORDS.notAgreed(position));
    if (!isMinor) continue;
    filled(`guardian-${key}`, guardian, words.noGuardian(position));
    check(`guardian-${key}`, isCode(guardian), words.badGuardian(position));
  }
  return found;
}

const accepts = (schema: { safeParse(value: unknown): { success: boolean } }, text: string): boolean =>
  schema.safeParse(text.trim()).success;

/** A guardian is named as participants are: without a name. */
const isCode = (text: string): boolean => accepts(participantConsent.shape.code, text);

/** The message of a draft without problems. `now`: when consent is recorded, ISO 8601 with zone. */
export function liveSetupOf(draft: SetupDraft, now: string): LiveSetup {
  const { purpose, grounds, approvalNumber, formSha256 } = draft;
  if (purpose === '') throw new Error('a draft without a purpose is no set-up');
  const isApproved = needsApproval(draft);
  const approval = {
    number: approvalNumber.trim(),
    body: draft.approvalBody.trim(),
    legalBasis: draft.legalBasis.trim(),
  };
  const forAll = {
    given_at: now,
    ...stated('obtained_by', draft.obtainedBy),
    ...stated('ethics_number', isApproved ? approvalNumber : draft.ethicsNumber),
    ...stated('retain_until', draft.retainUntil),
  };
  return {
    name: draft.name.trim(),
    setup: {
      project: draft.project.trim(),
      purpose,
      grounds: needsGrounds(purpose) && grounds !== '' ? grounds : null,
      approval: isApproved ? approval : null,
      keeps: draft.keeps,
    },
    ...stated('profile', draft.profile),
    form: { version: draft.formVersion.trim(), ...(formSha256 === null ? {} : { sha256: formSha256 }) },
    participants: draft.participants.map((participant) => ({
      code: participant.code.trim(),
      scopes: scopesOf(participant),
      ...forAll,
      ...stated('retain_until', participant.retainUntil),
      ...(participant.isMinor ? { guardian: participant.guardian.trim(), assent: participant.assent } : {}),
    })),
  };
}

/** A property where there is something to say, and none where there is not. */
const stated = <Name extends string>(name: Name, text: string): Partial<Record<Name, string>> =>
  text.trim() === '' ? {} : ({ [name]: text.trim() } as Record<Name, string>);

const scopesOf = ({ analysis, identification, video, sharing }: ParticipantDraft): Scope[] => [
  ...(analysis ? (['analysis'] as const) : []),
  ...(identification ? (['identification'] as const) : []),
  ...(video ? (['video'] as const) : []),
  ...(sharing ? (['sharing'] as const) : []),
];

/** What will be computed of whom, as sentences. One who does not agree to recognition ends it for all: faces are told apart first. */
export function consequencesOf(participants: readonly ParticipantDraft[]): string[] {
  const words = SETUP_WORDS;
  const named = participants.map((one, index) => ({ ...one, who: one.code.trim() || words.participant(index + 1) }));
  const refusing = named.filter(({ identification }) => !identification).map(({ who }) => who);
  const sentences = named.map(({ who, analysis }) => {
    if (refusing.length > 0) return analysis ? words.expression(who) : words.box(who);
    return analysis ? words.expressionAndRecognition(who) : words.recognition(who);
  });
  if (refusing.length > 0) sentences.push(words.nobodyRecognised(refusing.join(', ')));
  return [...sentences, words.others];
}

/** "2026-11-22T14:05:09+01:00": the moment with its zone, which is so many minutes east of Greenwich. */
export function zonedTime(unixMs: number, zoneMinutes: number): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const local = new Date(unixMs + 60_000 * zoneMinutes).toISOString().slice(0, 19);
  const minutes = Math.abs(zoneMinutes);
  return `${local}${zoneMinutes < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
