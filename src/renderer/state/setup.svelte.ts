// A recording that is being set up: what was filled in, what is wrong with it, and the call that opens it.
import { SvelteSet } from 'svelte/reactivity';
import { reportOf, type ErrorReport } from '../../main/contract/errors.ts';
import { MOST_PARTICIPANTS } from '../../main/contract/live.ts';
import type { Purpose } from '../../main/contract/setup.ts';
import type { Program } from '../connection/program.svelte.ts';
import { VIDEO_WORDS } from '../ui/video-words.ts';
import { SETUP_WORDS } from '../ui/words.ts';
import type { ProfileList } from './profiles.svelte.ts';
import { ProjectList } from './projects.svelte.ts';
import {
  consequencesOf,
  liveSetupOf,
  needsApproval,
  needsGrounds,
  problemsOf,
  zonedTime,
  type Field,
  type Grounds,
  type Keeps,
  type ParticipantDraft,
  type SetupDraft,
} from './setup-rules.ts';

/** The file is read as a whole. */
const MOST_FORM_BYTES = 100e6;

interface ReadForm {
  readonly sha256: string | null;
  readonly fault: string | null;
}

export class SetupForm implements SetupDraft {
  readonly #program: Program;
  readonly projects: ProjectList;
  readonly #profiles: Pick<ProfileList, 'chosen'>;
  project = $state('');
  name = $state('');
  purpose = $state<Purpose | ''>('');
  grounds = $state<Grounds | ''>('');
  approvalNumber = $state('');
  approvalBody = $state('');
  legalBasis = $state('');
  keeps = $state<Keeps>('features');
  formVersion = $state('');
  obtainedBy = $state('');
  retainUntil = $state('');
  ethicsNumber = $state('');
  readonly participants = $state<ParticipantDraft[]>([participant(1)]);
  #lastKey = 1;

  #formSha256 = $state<string | null>(null);
  #formFault = $state<string | null>(null);
  #reading = $state.raw<Promise<ReadForm> | null>(null);

  readonly #left = new SvelteSet<Field>();
  readonly #leaving: Field[] = [];
  #isHeld = false;
  #wasSent = $state(false);
  #isOpening = $state(false);
  #error = $state.raw<ErrorReport | null>(null);
  readonly #problems = $derived(problemsOf(this, now().slice(0, 10)));
  readonly #consequences = $derived([
    ...consequencesOf(this.participants),
    ...(this.keeps === 'video' ? [VIDEO_WORDS.consequence] : []),
  ]);

  constructor(program: Program, profiles: Pick<ProfileList, 'chosen'>) {
    this.#program = program;
    this.#profiles = profiles;
    this.projects = new ProjectList(program);
  }

  get profile(): string {
    return this.#profiles.chosen;
  }

  get needsGrounds(): boolean {
    return needsGrounds(this.purpose);
  }

  get needsApproval(): boolean {
    return needsApproval(this);
  }

  /** The checksum of the consent form's file; null while there is none. */
  get formSha256(): string | null {
    return this.#formSha256;
  }

  get formFault(): string | null {
    return this.#formFault;
  }

  get isReadingForm(): boolean {
    return this.#reading !== null;
  }

  get isFull(): boolean {
    return this.participants.length >= MOST_PARTICIPANTS;
  }

  /** What will be computed of whom, and kept, as sentences. */
  get consequences(): readonly string[] {
    return this.#consequences;
  }

  get isOpening(): boolean {
    return this.#isOpening;
  }

  get error(): ErrorReport | null {
    return this.#error;
  }

  /** What is wrong in the whole form; empty until it was sent. */
  get problems(): ReadonlyMap<Field, string> {
    return this.#wasSent ? this.#problems : new Map();
  }

  /** What is wrong with a field; null while it is right or has not been left yet. */
  problemOf(field: Field): string | null {
    return this.#wasSent || this.#left.has(field) ? (this.#problems.get(field) ?? null) : null;
  }

  leave(field: Field): void {
    if (this.#isHeld) this.#leaving.push(field);
    else this.#left.add(field);
  }

  /**
   * Until {@link release} no field counts as left: a sentence that appears while the mouse is pressed would move the button away
   * from under it, and the click would be lost.
   */
  hold(): void {
    this.#isHeld = true;
  }

  release(): void {
    this.#isHeld = false;
    for (const field of this.#leaving.splice(0)) this.#left.add(field);
  }

  /** Returns the new participant's key. */
  add(): number {
    this.participants.push(participant(++this.#lastKey));
    return this.#lastKey;
  }

  remove(key: number): void {
    const index = this.participants.findIndex((one) => one.key === key);
    if (index >= 0) this.participants.splice(index, 1);
  }

  /** Takes the checksum of the consent form's file; of none for null. The one that was chosen last counts. */
  async attachForm(file: File | null): Promise<void> {
    this.#formSha256 = null;
    this.#formFault = null;
    this.leave('formFile');
    const reading = file && readForm(file);
    this.#reading = reading;
    const read = await reading;
    if (this.#reading !== reading) return;
    this.#reading = null;
    if (read) [this.#formSha256, this.#formFault] = [read.sha256, read.fault];
  }

  /** Opens the recording, unless something is wrong with what was filled in. Returns whether it is open. */
  async open(): Promise<boolean> {
    if (this.#isOpening) return false;
    this.#wasSent = true;
    this.#isOpening = true;
    this.#error = null;
    try {
      while (this.#reading) await this.#reading;
      if (this.#problems.size > 0) return false;
      await this.#program.call('live.open', liveSetupOf(this, now())).result;
      return true;
    } catch (error) {
      this.#error = reportOf(error);
      return false;
    } finally {
      this.#isOpening = false;
    }
  }
}

/** Nobody has agreed to anything before somebody says so. */
const participant = (key: number): ParticipantDraft => ({
  key,
  code: '',
  analysis: false,
  identification: false,
  video: false,
  sharing: false,
  retainUntil: '',
  isMinor: false,
  guardian: '',
  assent: false,
});

async function readForm(file: File): Promise<ReadForm> {
  if (file.size > MOST_FORM_BYTES) return { sha256: null, fault: SETUP_WORDS.problems.fileLong };
  try {
    return { sha256: hex(await crypto.subtle.digest('SHA-256', await file.arrayBuffer())), fault: null };
  } catch {
    return { sha256: null, fault: SETUP_WORDS.problems.fileUnread }; // moved away, or nobody may read it
  }
}

const now = (): string => zonedTime(Date.now(), -new Date().getTimezoneOffset());

const hex = (bytes: ArrayBuffer): string =>
  Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('');
