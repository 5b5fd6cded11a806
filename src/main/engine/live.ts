// A camera that is looked at: its frames go through the networks one after the other, what they say goes back to the screen, and
// while it is recorded into a session.
import { MienError } from '../contract/errors.ts';
import { EXPRESSIONS, type Expression, type Probabilities } from '../core/expression.ts';
import type { ColorSpace, PixelFormat } from '../core/frame.ts';
import { frameBytes } from '../core/frame.ts';
import type { Box } from '../core/geometry.ts';
import type { Landmarks68 } from '../core/landmarks.ts';
import type { Person, Segment } from '../core/persons.ts';
import type { Profile } from '../core/profile.ts';
import { overallQuality, type Quality } from '../core/quality.ts';
import type { FaceRecord, Marker, MissingReason } from '../core/record.ts';
import { PersonWindow, type Windowed } from '../core/window.ts';
import { faceRecords } from './faces.ts';
import { LiveRecording, type AnalysedFrame, type CaptureTime } from './live-recording.ts';
import type { Analyzer, Clock, SessionWriter } from './ports.ts';

/** A frame as the camera gives it; Unix times are on the camera's clock. */
export interface CameraFrame extends CaptureTime {
  readonly width: number;
  readonly height: number;
  readonly format: PixelFormat;
  readonly colorSpace: ColorSpace;
  /** The planes without gaps, as core/frame.ts lays them out. */
  readonly bytes: Uint8Array;
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
  readonly #clock: Clock;
  readonly #segments = new Map<number, Segment>();
  readonly #persons = new Map<number, Person>();
  readonly #windows = new Map<number, PersonWindow>();
  #recording: LiveRecording | null = null;
  #areScoresShown = true;
  #intake: Promise<unknown> = Promise.resolve();
  #sequence = 0;
  #underWay = 0;
  #dropped = 0;
  #lastFrameMs = NaN;
  /** When the last frames were analysed. */
  #analysedAt: number[] = [];

  constructor(analyzer: Analyzer, profile: Profile, clock: Clock) {
    this.#analyzer = analyzer;
    this.#profile = profile;
    this.#clock = clock;
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

  /** Looks at a frame. Frames are taken in the order of the calls. Throws what the networks throw, and usage for what is no frame. */
  async frame(frame: CameraFrame): Promise<LiveReport> {
    const { width, height, format, bytes, dropped } = frame;
    if (bytes.length !== frameBytes(format, width, height))
      throw new MienError('usage', 'The camera has sent a picture that is not whole.', 'Choose the camera again.');
    this.#lastFrameMs = this.#clock.monotonicMs();
    this.#dropped += dropped.length;
    for (const unixMs of dropped) this.#recording?.dropped(unixMs);
    const sequence = this.#sequence++;
    const taken = this.#intake.then(() => this.#take(frame, sequence));
    this.#intake = taken.catch(() => undefined); // whoever asked is told
    this.#underWay++;
    const analysed = taken.then(({ answer }) => answer);
    this.#recording?.frame(frame, analysed);
    try {
      return this.#report(await analysed, frame.unixMs);
    } finally {
      this.#underWay--;
    }
  }

  /** Begins a recording with the next frame; scores are hidden from then on, unless they are shown again. */
  record(begin: (firstFrameUnixMs: number) => Promise<SessionWriter>): LiveRecording {
    if (this.#recording) return this.#recording;
    this.#areScoresShown = false;
    return (this.#recording = new LiveRecording(begin));
  }

  /**
   * Ends the recording when everything is stored; the camera is looked at further. Scores may be seen again where it was ended by
   * somebody; where it broke off, participants may still be looking. Returns whether there is a session: there is
   * none without a frame. Throws what kept it from being stored.
   */
  async stop(state: 'complete' | 'interrupted'): Promise<boolean> {
    const recording = this.#recording;
    this.#recording = null;
    this.#areScoresShown = state === 'complete';
    return (await recording?.stop(state, () => this.#analyzer.problems)) ?? false;
  }

  showScores(shown: boolean): void {
    if (shown === this.#areScoresShown) return;
    this.#areScoresShown = shown;
    this.#recording?.event(shown ? 'scores_shown' : 'scores_hidden', null);
  }

  /** Says whose face a track is; null for nobody's. Throws usage when the face has gone. */
  async assign(track: number, participant: string | null): Promise<void> {
    if (!(await this.#analyzer.assign(track, participant)))
      throw new MienError('usage', 'This face is not in view any more.', 'Choose it again when it is back.');
    this.#recording?.event('assigned', participant);
  }

  /** From the next frame on nothing more is computed of this participant. */
  async withdraw(participant: string): Promise<void> {
    await this.#analyzer.withdraw(participant);
    this.#recording?.event('consent_withdrawn', participant);
  }

  mark(unixMs: number, label: string): Marker | null {
    return this.#recording?.mark(unixMs, label) ?? null;
  }

  /** To be called now and then. */
  tick(): void {
    this.#recording?.tick(this.silentMs);
  }

  async close(): Promise<void> {
    await this.#intake;
    await this.#analyzer.close();
  }

  /** Hands a frame to the networks; resolves when they have it, so that the next one cannot overtake it. */
  async #take(frame: CameraFrame, sequence: number): Promise<{ readonly answer: Promise<AnalysedFrame> }> {
    const { width, height, format, colorSpace, unixMs } = frame;
    const slot = await this.#analyzer.allocate(format, width, height);
    slot.bytes.set(frame.bytes);
    const slotted = { slot, sequence, timeMs: unixMs, width, height, format, colorSpace, droppedBefore: 0, name: null };
    const answer = this.#analyzer
      .analyze(slotted)
      .finally(() => this.#analyzer.release(slot))
      .then((analysis): AnalysedFrame => {
        const { report, news } = analysis;
        for (const segment of news.segments) this.#segments.set(segment.id, segment);
        for (const person of news.persons) this.#persons.set(person.id, person);
        this.#noteRate();
        const faces = faceRecords(analysis, this.#profile);
        const segments = faces.flatMap(({ segment }) => this.#segments.get(segment) ?? []);
        return { searched: report.searched, faces, segments, persons: this.#persons, changed: news.segments };
      });
    answer.catch(() => undefined); // whoever asked is told
    return { answer };
  }

  #noteRate(): void {
    const now = this.#clock.monotonicMs();
    this.#analysedAt.push(now);
    while (this.#analysedAt[0] < now - RATE_MS) this.#analysedAt.shift();
  }

  #report({ faces }: AnalysedFrame, unixMs: number): LiveReport {
    return { faces: faces.map((face) => this.#face(face, unixMs)) };
  }

  #face({ segment: id, box, landmarks, quality, reason, fused }: FaceRecord, unixMs: number): LiveFace {
    const segment = this.#segments.get(id);
    const person = this.#persons.get(segment?.person ?? 0);
    const isSure = (segment?.confidence ?? 0) >= this.#profile.identity.minConfidence;
    const missingReason = reason ?? (person && isSure ? null : 'identity_uncertain');
    const windowed = person && this.#windowOf(person.id).add(unixMs, missingReason ? null : fused);
    return {
      ...{ track: segment?.track ?? 0, box, landmarks, quality, missingReason },
      participant: person?.participant ?? null,
      overallQuality: overallQuality(quality),
      ...this.#seen(missingReason ? null : fused, windowed),
    };
  }

  /** What may be seen of scores now. */
  #seen(fused: Probabilities | null, windowed: Windowed | undefined): Pick<LiveFace, 'scores' | 'confirmed'> {
    if (!this.#areScoresShown || fused?.length !== EXPRESSIONS.length) return { scores: null, confirmed: null };
    return { scores: windowed?.smooth ?? fused, confirmed: windowed?.confirmed ?? null };
  }

  #windowOf(person: number): PersonWindow {
    const known = this.#windows.get(person) ?? new PersonWindow(this.#profile.window);
    this.#windows.set(person, known);
    return known;
  }
}
