// A camera that is looked at: its frames go through the networks one after the other, what they say goes back to the screen, and
// while it is recorded into a session.
import { MienError } from '../contract/errors.ts';
import { scopesIn, type Withdrawable } from '../contract/withdrawal.ts';
import { explanationOf, type Explanation } from '../core/explanation.ts';
import { EXPRESSIONS, type Expression, type Probabilities } from '../core/expression.ts';
import type { FaceInput } from '../core/face-input.ts';
import { frameBytes } from '../core/frame.ts';
import type { Box } from '../core/geometry.ts';
import type { Landmarks68 } from '../core/landmarks.ts';
import type { Person, Segment } from '../core/persons.ts';
import type { Profile } from '../core/profile.ts';
import { overallQuality, type Quality } from '../core/quality.ts';
import type { FaceRecord, Marker, MissingReason } from '../core/record.ts';
import type { IdentityNews } from '../core/vision.ts';
import { PersonWindow, type Windowed } from '../core/window.ts';
import { CaptureTimeline, type CaptureTime } from './capture-timeline.ts';
import { FaceWishes, faceGone, noConsent } from './face-wishes.ts';
import { faceRecords } from './faces.ts';
import { HeldEstimates } from './held-estimates.ts';
import { LiveRecording, type AnalysedFrame, type WhoIsWho } from './live-recording.ts';
import type { FoundFace, VideoPlan } from './live-video.ts';
import type { Analyzer, LiveClock, SessionWriter, VideoPicture } from './ports.ts';

/** A frame as the camera gives it; Unix times are on the window's clock. Its bytes must not be changed afterwards. */
export interface CameraFrame extends CaptureTime, VideoPicture {
  /** When the frames were captured that were lost since the one before. */
  readonly dropped: readonly number[];
}

/** A face on the screen, in pixels of the frame. */
export interface LiveFace {
  /** Stays the same while the face is followed. */
  readonly track: number;
  readonly box: Box;
  readonly landmarks: Landmarks68;
  readonly participant: string | null;
  readonly quality: Quality;
  /** See {@link overallQuality}. */
  readonly overallQuality: number;
  /** Null exactly when the row is valid. */
  readonly missingReason: MissingReason | null;
  /** Null while scores are not to be seen, and where there are none. */
  readonly scores: Probabilities | null;
  readonly confirmed: Expression | null;
  /** Whether scores and confirmed are those of a moment ago: see {@link HeldEstimates}. */
  readonly isHeld: boolean;
}

export interface LiveReport {
  readonly faces: readonly LiveFace[];
}

export interface LiveCounts {
  /** Frames a second that were analysed in the last two seconds. */
  readonly framesPerSecond: number;
  /** Frames that are being analysed now. */
  readonly underWay: number;
  /** Dropped frames since the camera is looked at. */
  readonly dropped: number;
}

const RATE_MS = 2000;

export class Live {
  readonly #analyzer: Analyzer;
  readonly #profile: Profile;
  readonly #clock: LiveClock;
  readonly #timeline: CaptureTimeline;
  readonly #segments = new Map<number, Segment>();
  readonly #persons = new Map<number, Person>();
  readonly #windows = new Map<number, PersonWindow>();
  /** Who was given a face by hand, by its track. */
  readonly #assigned = new Map<number, string>();
  readonly #wishes = new FaceWishes();
  readonly #held: HeldEstimates;
  /** Of the last frame that was analysed. */
  #faces: readonly FaceRecord[] = [];
  #recording: LiveRecording | null = null;
  #areScoresShown = true;
  #intake: Promise<unknown> = Promise.resolve();
  #sequence = 0;
  #underWay = 0;
  #dropped = 0;
  #lastFrameMs = NaN;
  /** When the last frames were analysed. */
  #analysedAt: number[] = [];

  constructor(analyzer: Analyzer, profile: Profile, clock: LiveClock) {
    this.#analyzer = analyzer;
    this.#profile = profile;
    this.#clock = clock;
    this.#timeline = new CaptureTimeline(clock);
    this.#held = new HeldEstimates(profile.window.persistenceMs);
  }

  get recording(): LiveRecording | null {
    return this.#recording;
  }

  get areScoresShown(): boolean {
    return this.#areScoresShown;
  }

  get counts(): LiveCounts {
    const now = this.#clock.monotonicMs();
    const recent = this.#analysedAt.filter((at) => now - at <= RATE_MS);
    return { framesPerSecond: (1000 * recent.length) / RATE_MS, underWay: this.#underWay, dropped: this.#dropped };
  }

  /** Milliseconds since a frame has arrived; Infinity before the first one. */
  get silentMs(): number {
    return Number.isNaN(this.#lastFrameMs) ? Infinity : this.#clock.monotonicMs() - this.#lastFrameMs;
  }

  /** Whether frames arrive, as often as this camera gives them. */
  get isCameraOn(): boolean {
    return this.silentMs < this.#timeline.goneMs;
  }

  /** From here on the frames come from another window or camera; `nominalRate` is how many a second it promises, if it does. */
  newCamera(nominalRate: number | null): void {
    this.#timeline.newSource(nominalRate && 1000 / nominalRate, this.#recording !== null);
  }

  /** Looks at a frame. Frames are taken in the order of the calls. Throws what the networks throw, and usage for what is no frame. */
  async frame(frame: CameraFrame): Promise<LiveReport> {
    const { width, height, format, bytes, dropped } = frame;
    if (bytes.length !== frameBytes(format, width, height))
      throw new MienError('usage', 'The camera has sent a picture that is not whole.', 'Choose the camera again.');
    this.#lastFrameMs = this.#clock.monotonicMs();
    this.#dropped += dropped.length;
    for (const capturedMs of dropped) {
      const lost = this.#timeline.placeLost(capturedMs);
      if (lost.gap) this.#recording?.lost(lost.gap);
      this.#recording?.dropped(lost.unixMs);
    }
    const { unixMs, gap } = this.#timeline.place(frame);
    if (gap) this.#recording?.lost(gap);
    const placed = { ...frame, unixMs };
    const sequence = this.#sequence++;
    const taken = this.#intake.then(() => this.#take(placed, sequence));
    this.#intake = taken.catch(() => undefined); // whoever asked is told
    this.#underWay++;
    const analysed = taken.then(({ answer }) => answer);
    this.#recording?.frame(placed, analysed, frame);
    try {
      return this.#report(await analysed, unixMs);
    } finally {
      this.#underWay--;
    }
  }

  /**
   * Begins a recording with the next frame; scores are shown or hidden from then on, until somebody changes that. With `video`, its
   * pictures are kept too.
   */
  record(
    begin: (firstFrameUnixMs: number) => Promise<SessionWriter>,
    { areScoresShown = false, video = null }: { areScoresShown?: boolean; video?: VideoPlan | null } = {},
  ): LiveRecording {
    if (this.#recording) return this.#recording;
    this.#setScoresShown(areScoresShown);
    this.#recording = new LiveRecording(begin, () => [...this.#assigned.values()], video);
    if (areScoresShown) this.#recording.event('scores_shown', null);
    return this.#recording;
  }

  /**
   * Ends the recording when everything is stored; the camera is looked at further. Scores may be seen again where it was ended by
   * somebody; where it broke off, participants may still be looking. Returns whether there is a session: there is
   * none without a frame. Throws what kept it from being stored.
   */
  async stop(state: 'complete' | 'interrupted'): Promise<boolean> {
    const recording = this.#recording;
    this.#recording = null;
    this.#setScoresShown(state === 'complete');
    const settle = async (): Promise<WhoIsWho> => this.#noteWho(await this.#analyzer.settle());
    return (await recording?.stop(state, () => this.#analyzer.problems, settle)) ?? false;
  }

  showScores(shown: boolean): void {
    if (shown === this.#areScoresShown) return;
    this.#setScoresShown(shown);
    this.#recording?.event(shown ? 'scores_shown' : 'scores_hidden', null);
  }

  /** Says whose face a track is; null for nobody's. Throws usage when the face has gone. */
  async assign(track: number, participant: string | null): Promise<void> {
    if (!(await this.#analyzer.assign(track, participant))) throw faceGone();
    for (const [other, code] of this.#assigned) if (code === participant) this.#assigned.delete(other);
    this.#assigned.delete(track);
    if (participant !== null) this.#assigned.set(track, participant);
    this.#recording?.event('assigned', participant);
  }

  /**
   * What each member of the ensemble is given of a face in the next frame. Throws no_consent for a face of which no expression is
   * computed, usage for one that is not in view, interrupted when no frame comes.
   */
  async faceInput(track: number): Promise<readonly FaceInput[]> {
    const face = this.#faceOf(track);
    if (face.reason === 'no_consent') throw noConsent();
    return this.#wishes.ask(face.segment);
  }

  /**
   * How the estimate of a face in the last frame came about; null while scores are hidden, and where a face has none that counts.
   * Throws usage for one that is not in view.
   */
  explain(track: number): Explanation | null {
    const face = this.#faceOf(track);
    const { person, isSure } = this.#ownerOf(face.segment);
    const isSeen = this.#areScoresShown && face.reason === null && person !== undefined && isSure;
    return isSeen ? explanationOf(face, this.#profile) : null;
  }

  /** In the last frame that was analysed. Throws usage for a face that is not in view. */
  #faceOf(track: number): FaceRecord {
    const face = this.#faces.find(({ segment }) => this.#segments.get(segment)?.track === track);
    if (!face) throw faceGone();
    return face;
  }

  #setScoresShown(shown: boolean): void {
    this.#areScoresShown = shown;
    this.#held.forget();
  }

  /**
   * From the next frame on nothing is computed of this participant that rests on what is taken back. With the consent to video the
   * video of the recording, which shows him or her until here, is removed as a whole; throws what keeps it from being removed.
   */
  async withdraw(participant: string, scope: Withdrawable): Promise<void> {
    const discarded = scopesIn(scope).includes('video') ? this.#recording?.discardVideo() : undefined;
    discarded?.catch(() => undefined); // told below
    this.#held.forget();
    await this.#analyzer.withdraw(participant, scope);
    this.#held.forget(); // frames that were under way meanwhile had scores
    this.#recording?.withdraw(participant, scope);
    await discarded;
  }

  mark(unixMs: number, label: string): Marker | null {
    return this.#recording?.mark(this.#timeline.shifted(unixMs), label) ?? null;
  }

  /** To be called several times a second: notices a camera that is gone, and that the machine has slept. */
  tick(): void {
    this.#timeline.tick();
    if (this.isCameraOn) return;
    this.#recording?.lost(this.#timeline.silence);
    this.#wishes.refuse('No frame comes from the camera.', 'Look at the camera.');
  }

  async close(): Promise<void> {
    await this.#intake;
    this.#wishes.refuse('The camera is put away.', 'Set up a recording again.');
    await this.#analyzer.close();
  }

  /** Hands a frame to the networks; resolves when they have it, so that the next one cannot overtake it. */
  async #take(frame: CameraFrame, sequence: number): Promise<{ readonly answer: Promise<AnalysedFrame> }> {
    const { width, height, format, colorSpace, unixMs } = frame;
    const slot = await this.#analyzer.allocate(format, width, height);
    slot.bytes.set(frame.bytes);
    const slotted = { slot, sequence, timeMs: unixMs, width, height, format, colorSpace, droppedBefore: 0, name: null };
    const wishes = this.#wishes.take();
    const answer = this.#analyzer
      .analyze(slotted, wishes.segments)
      .finally(() => this.#analyzer.release(slot))
      .then((analysis): AnalysedFrame => {
        const { report, news } = analysis;
        wishes.answer(analysis);
        const who = this.#noteWho(news);
        this.#noteRate();
        const faces = faceRecords(analysis, this.#profile);
        this.#faces = faces;
        const segments = faces.flatMap(({ segment }) => this.#segments.get(segment) ?? []);
        const found = faces.map((face) => this.#found(face));
        return { searched: report.searched, faces, found, segments, ...who };
      });
    answer.catch((error: unknown) => wishes.fail(error)); // whoever showed the frame is told, too
    return { answer };
  }

  #noteWho({ segments, persons }: IdentityNews): WhoIsWho {
    for (const segment of segments) this.#segments.set(segment.id, segment);
    for (const person of persons) this.#persons.set(person.id, person);
    return { persons: this.#persons, changed: segments };
  }

  #noteRate(): void {
    const now = this.#clock.monotonicMs();
    this.#analysedAt.push(now);
    while (this.#analysedAt[0] < now - RATE_MS) this.#analysedAt.shift();
  }

  #report({ faces }: AnalysedFrame, unixMs: number): LiveReport {
    const shown = faces.map((face) => this.#face(face, unixMs));
    const present = new Set(faces.map(({ segment }) => this.#segments.get(segment)?.person ?? 0));
    return { faces: [...shown, ...this.#held.absent(shown, present, unixMs)] };
  }

  #face({ segment: id, box, landmarks, quality, reason, refined }: FaceRecord, unixMs: number): LiveFace {
    const { segment, person, isSure } = this.#ownerOf(id);
    const missingReason = reason ?? (person && isSure ? null : 'identity_uncertain');
    const windowed = person && this.#windowOf(person.id).add(unixMs, missingReason ? null : refined);
    const face: LiveFace = {
      ...{ track: segment?.track ?? 0, box, landmarks, quality, missingReason, isHeld: false },
      participant: person?.participant ?? null,
      overallQuality: overallQuality(quality),
      ...this.#seen(missingReason ? null : refined, windowed),
    };
    return person && isSure ? this.#held.shown(person.id, face, unixMs) : face;
  }

  /** Who the face of a segment is, as far as anybody knows, and whether that is sure. */
  #ownerOf(id: number): {
    readonly segment: Segment | undefined;
    readonly person: Person | undefined;
    readonly isSure: boolean;
  } {
    const segment = this.#segments.get(id);
    const isSure = (segment?.confidence ?? 0) >= this.#profile.identity.minConfidence;
    return { segment, person: this.#persons.get(segment?.person ?? 0), isSure };
  }

  #found({ segment: id, box }: FaceRecord): FoundFace {
    const { segment, person, isSure } = this.#ownerOf(id);
    const track = segment?.track ?? -1 - id; // faces of which nothing is known are not one face
    return { track, box, participant: isSure ? (person?.participant ?? null) : null };
  }

  /** What may be seen of scores now. */
  #seen(refined: Probabilities | null, windowed: Windowed | undefined): Pick<LiveFace, 'scores' | 'confirmed'> {
    if (!this.#areScoresShown || refined?.length !== EXPRESSIONS.length) return { scores: null, confirmed: null };
    return { scores: windowed?.smooth ?? refined, confirmed: windowed?.confirmed ?? null };
  }

  #windowOf(person: number): PersonWindow {
    const known = this.#windows.get(person) ?? new PersonWindow(this.#profile.window);
    this.#windows.set(person, known);
    return known;
  }
}
