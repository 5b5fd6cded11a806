// One recording from a camera: which of the frames that arrive become rows, at what time and under what number. Frames that were
// dropped, pauses and a camera that is gone are rows too. What arrives is written in its order, however late its analysis comes.
import { asError } from '../contract/errors.ts';
import type { LiveVideoState } from '../contract/video.ts';
import { scopesIn, type Withdrawable } from '../contract/withdrawal.ts';
import type { Person, Segment } from '../core/persons.ts';
import type { EventKind, FaceRecord, GapReason, Marker } from '../core/record.ts';
import type { CaptureTime, GapKind } from './capture-timeline.ts';
import { LiveVideo, type FoundFace, type VideoPlan } from './live-video.ts';
import type { SessionWriter, VideoPicture } from './ports.ts';

const CLOCK_EVERY_MS = 10_000;

/** What has become known of people. */
export interface WhoIsWho {
  /** Everybody who is known, by number. */
  readonly persons: ReadonlyMap<number, Person>;
  /** Segments that have changed, of whatever frame. */
  readonly changed: readonly Segment[];
}

/** What is known of a frame when its analysis has come. */
export interface AnalysedFrame extends WhoIsWho {
  readonly searched: boolean;
  readonly faces: readonly FaceRecord[];
  /** The same faces for the video. */
  readonly found: readonly FoundFace[];
  /** The segments of the faces, as they have become with this frame. */
  readonly segments: readonly Segment[];
}

export interface RecordingCounts {
  readonly frames: number;
  readonly dropped: number;
  /** Frames, dropped or not, that are no rows because their time was not later than that of the row before. */
  readonly refused: number;
  /** Seconds on the session's clock at the last row. */
  readonly seconds: number;
}

/** A segment as it is known now, and the first and the last frame of the session in which its face is. */
interface SeenSegment {
  segment: Segment;
  readonly firstSequence: number;
  lastSequence: number;
}

export class LiveRecording {
  readonly #begin: (firstFrameUnixMs: number) => Promise<SessionWriter>;
  readonly #assigned: () => readonly string[];
  readonly #video: LiveVideo | null;
  /** By their ids. Those that are seen only before the recording or in a pause are not in the session. */
  readonly #segments = new Map<number, SeenSegment>();
  /** Those with a face in the last frame: nobody has told yet how far they go. */
  #inView: readonly Segment[] = [];
  readonly #markers = new Map<string, Marker>();
  #writer: Promise<SessionWriter> | null = null;
  #queue: Promise<void> = Promise.resolve();
  #fault: Error | null = null;
  #firstUnixMs = NaN;
  #lastUnixMs = NaN;
  #intervalMs = 0;
  #next = 0;
  #frames = 0;
  #dropped = 0;
  #refused = 0;
  /** A pause begins with the next frame, and ends with the one after it was ended. */
  #pause: 'none' | 'wanted' | 'on' | 'ending' = 'none';
  #isGone = false;
  #areShownAtFirst = false;
  #clock: { readonly since: number; best: CaptureTime } | null = null;

  /** `begin` opens the session when its first frame is there; `assigned` are those who have been given a face by then. */
  constructor(
    begin: (firstFrameUnixMs: number) => Promise<SessionWriter>,
    assigned: () => readonly string[] = () => [],
    /** Null where none is to be kept. */
    video: VideoPlan | null = null,
  ) {
    this.#begin = begin;
    this.#assigned = assigned;
    this.#video = video && new LiveVideo(video);
  }

  get counts(): RecordingCounts {
    const seconds = Number.isNaN(this.#firstUnixMs) ? 0 : (this.#lastUnixMs - this.#firstUnixMs) / 1000;
    return { frames: this.#frames, dropped: this.#dropped, refused: this.#refused, seconds };
  }

  /** Null until the first frame. */
  get firstFrameUnixMs(): number | null {
    return Number.isNaN(this.#firstUnixMs) ? null : this.#firstUnixMs;
  }

  get markers(): readonly Marker[] {
    return [...this.#markers.values()];
  }

  get isPaused(): boolean {
    return this.#pause === 'wanted' || this.#pause === 'on';
  }

  get isCameraGone(): boolean {
    return this.#isGone;
  }

  get video(): LiveVideoState {
    return this.#video?.state ?? 'none';
  }

  /** Why nothing more is stored; null while all is well. */
  get fault(): Error | null {
    return this.#fault;
  }

  /** Takes note of a frame that was captured and lost. */
  dropped(unixMs: number): void {
    if (!this.#isRunning || this.#isRefused(unixMs)) return;
    this.#dropped++;
    this.#row(unixMs, 'dropped');
  }

  /** Takes a frame; it is written when its analysis is there. `picture`, for the video, must not be changed afterwards. */
  frame(time: CaptureTime, analysis: Promise<AnalysedFrame>, picture: VideoPicture | null = null): void {
    if (!this.#admit(time.unixMs)) {
      this.#enqueue(async (writer) => {
        const analysed = await analysis.catch(() => null); // whoever showed the frame is told
        if (analysed) this.#tell(writer, analysed.changed, analysed.persons);
      });
      return;
    }
    const sequence = this.#next++;
    const timeMs = this.#timeOf(time.unixMs);
    if (sequence === 0) this.#tellAssigned(analysis);
    this.#readClock(time);
    this.#enqueue(async (writer) => {
      const { searched, faces, found, segments, persons, changed } = await analysis;
      const record = { sequence, timeMs, droppedBefore: 0, searched, name: null, gap: null };
      writer.frame(
        record,
        faces.map((face) => ({ ...face, sequence })),
      );
      this.#tell(writer, [...this.#see(sequence, segments), ...changed], persons);
      if (picture) await this.#video?.frame(picture, timeMs, found);
      await writer.settled();
    });
  }

  /** No frames come any more, or none came until now: told once, and again when there were frames meanwhile. */
  lost(kind: GapKind): void {
    const isRecorded = this.#isRunning || this.#pause === 'wanted'; // a pause begins with a frame
    if (Number.isNaN(this.#firstUnixMs) || !isRecorded || this.#isGone) return;
    this.#isGone = true;
    this.#row(this.#lastUnixMs + this.#intervalMs, 'source_gap');
    this.event(kind, null);
  }

  pause(): void {
    if (this.#pause === 'none') this.#pause = 'wanted';
    else if (this.#pause === 'ending') this.#pause = 'on';
  }

  resume(): void {
    if (this.#pause === 'wanted') this.#pause = 'none';
    // A pause before the first frame was none.
    else if (this.#pause === 'on') this.#pause = Number.isNaN(this.#firstUnixMs) ? 'none' : 'ending';
  }

  /** A moment that the researcher marks. Returns null while there is no frame that it could be counted from. */
  mark(unixMs: number, label: string): Marker | null {
    if (Number.isNaN(this.#firstUnixMs)) return null;
    const marker = { id: `m${this.#markers.size + 1}`, timeMs: Math.max(0, this.#timeOf(unixMs)), label };
    this.#markers.set(marker.id, marker);
    this.#enqueue((writer) => writer.marker(marker));
    return marker;
  }

  /**
   * Something that happened at the last row's time. Before the first frame nothing has happened, but that scores were shown holds
   * from it on.
   */
  event(kind: EventKind, detail: string | null): void {
    if (Number.isNaN(this.#firstUnixMs)) {
      if (kind === 'scores_shown' || kind === 'scores_hidden') this.#areShownAtFirst = kind === 'scores_shown';
      return;
    }
    const timeMs = this.#timeOf(this.#lastUnixMs);
    this.#enqueue((writer) => writer.event({ timeMs, kind, detail }));
  }

  /** A participant takes back consent at the last row's time. Before the first frame there is no session in which it was given. */
  withdraw(participant: string, scope: Withdrawable): void {
    if (Number.isNaN(this.#firstUnixMs)) return;
    this.event(scope === 'everything' ? 'consent_withdrawn' : `${scope}_withdrawn`, participant);
    this.#enqueue((writer) => writer.withdraw(participant, scopesIn(scope)));
  }

  /**
   * Removes the video, if there is one, and keeps none from here on. Throws what keeps it from being removed; it is tried again when
   * it is called again.
   */
  async discardVideo(): Promise<void> {
    if (!this.#video) return;
    if (this.#video.state !== 'discarded') this.event('video_discarded', null);
    await this.#video.discard();
  }

  /**
   * Waits for everything and closes the session, with what `problems` says then; behind the last frame `settle` decides who is who
   * where that is open. Returns false where there was no frame, and so no session. Throws the fault that kept something from being
   * stored.
   */
  async stop(
    state: 'complete' | 'interrupted',
    problems: () => readonly string[],
    settle: () => Promise<WhoIsWho>,
  ): Promise<boolean> {
    this.#enqueue(async (writer) => {
      const { changed, persons } = await settle();
      this.#tell(writer, changed, persons);
      if (this.#clock) writer.clock(this.#readingOf(this.#clock.best));
      writer.identity(
        [],
        this.#inView.flatMap(({ id }) => this.#inSession(id)),
      );
    });
    await this.#queue;
    const writer = await this.#writer;
    if (!writer) return false;
    const ofVideo = (await this.#video?.close()) ?? [];
    const seconds = (this.#lastUnixMs - this.#firstUnixMs) / 1000;
    const analysedFps = seconds > 0 ? (this.#frames - 1) / seconds : 0;
    const fault = this.#fault;
    const said = [...problems(), ...refusedWords(this.#refused), ...ofVideo];
    if (fault) {
      const end = { state: 'interrupted', problems: [...said, fault.message], analysedFps } as const;
      await writer.end(end).catch(() => undefined); // the first fault is the one to tell
      throw fault;
    }
    await writer.end({ state, problems: said, analysedFps });
    return true;
  }

  /** Takes note of what begins or ends with a frame of this time; returns whether it is recorded. */
  #admit(unixMs: number): boolean {
    if (this.#pause === 'on' || this.#isRefused(unixMs)) return false;
    const [isBack, isPause] = [this.#isGone, this.#pause === 'wanted'];
    const isFirst = Number.isNaN(this.#firstUnixMs);
    this.#isGone = false;
    if (isPause) {
      this.#pause = 'on';
      if (isFirst) return false;
      this.#row(unixMs, 'paused');
    } else if (isFirst) {
      this.#open(unixMs);
      if (this.#areShownAtFirst) this.event('scores_shown', null);
      for (const code of this.#assigned()) this.event('assigned', code);
    } else if (!isBack && this.#pause === 'none') {
      this.#intervalMs = unixMs - this.#lastUnixMs;
    }
    this.#lastUnixMs = unixMs;
    if (isBack) this.event('camera_back', null);
    if (isPause) this.event('paused', null);
    if (this.#pause === 'ending') this.event('resumed', null);
    if (isPause) return false;
    this.#pause = 'none';
    this.#frames++;
    return true;
  }

  get #isRunning(): boolean {
    return !Number.isNaN(this.#firstUnixMs) && this.#pause === 'none';
  }

  /** Time never goes back, whatever a camera says. */
  #isRefused(unixMs: number): boolean {
    const isRefused = unixMs <= this.#lastUnixMs;
    if (isRefused) this.#refused++;
    return isRefused;
  }

  #timeOf(unixMs: number): number {
    return unixMs - this.#firstUnixMs;
  }

  #open(unixMs: number): void {
    this.#firstUnixMs = unixMs;
    this.#lastUnixMs = unixMs;
    this.#writer = this.#begin(unixMs);
    this.#writer.catch(() => undefined); // the first row tells
  }

  #row(unixMs: number, gap: GapReason): void {
    this.#lastUnixMs = unixMs;
    const sequence = this.#next++;
    const timeMs = this.#timeOf(unixMs);
    this.#enqueue((writer) => {
      writer.frame({ sequence, timeMs, droppedBefore: 0, searched: false, name: null, gap }, []);
    });
  }

  #enqueue(write: (writer: SessionWriter) => Promise<void> | void): void {
    this.#queue = this.#queue.then(async () => {
      if (this.#fault || !this.#writer) return; // a hole in the middle would look like a camera that saw nothing
      try {
        await write(await this.#writer);
      } catch (error) {
        this.#fault = asError(error);
      }
    });
  }

  /** Takes note of the segments with a face in a frame; returns those that are new in the session. */
  #see(sequence: number, segments: readonly Segment[]): Segment[] {
    this.#inView = segments;
    return segments.filter((segment) => {
      const known = this.#segments.get(segment.id);
      if (known) known.lastSequence = sequence;
      else this.#segments.set(segment.id, { segment, firstSequence: sequence, lastSequence: sequence });
      return !known;
    });
  }

  /** Whoever was given a face before the recording has rows in it from the start, seen or not. */
  #tellAssigned(analysis: Promise<AnalysedFrame>): void {
    const codes = new Set<string | null>(this.#assigned());
    this.#enqueue(async (writer) => {
      const { persons } = await analysis;
      const assigned = [...persons.values()].filter(
        ({ participant }) => participant !== null && codes.has(participant),
      );
      if (assigned.length > 0) writer.identity(assigned, []);
    });
  }

  /** Stores what has become of segments, of those that are in the session. */
  #tell(writer: SessionWriter, segments: readonly Segment[], persons: ReadonlyMap<number, Person>): void {
    for (const segment of segments) {
      const known = this.#segments.get(segment.id);
      if (known) known.segment = segment;
    }
    const told = [...new Set(segments.map(({ id }) => id))].flatMap((id) => this.#inSession(id));
    if (told.length > 0) writer.identity(peopleIn(told, persons), told);
  }

  /** A segment in the session's numbers, if it is in it. */
  #inSession(id: number): Segment[] {
    const seen = this.#segments.get(id);
    if (!seen) return [];
    const { segment, firstSequence, lastSequence } = seen;
    return [{ ...segment, firstSequence, lastSequence }];
  }

  /** Of the frames of ten seconds, the one that was on its way for the shortest time says how the two clocks stand. */
  #readClock(time: CaptureTime): void {
    const { unixMs } = time;
    const lag = ({ unixMs: captured, arrivedUnixMs }: CaptureTime): number => arrivedUnixMs - captured;
    this.#clock ??= { since: unixMs, best: time };
    if (lag(time) < lag(this.#clock.best)) this.#clock.best = time;
    if (unixMs - this.#clock.since < CLOCK_EVERY_MS) return;
    const reading = this.#clock;
    this.#clock = null;
    this.#enqueue((writer) => writer.clock(this.#readingOf(reading.best)));
  }

  #readingOf({ unixMs, arrivedUnixMs }: CaptureTime): { timeMs: number; unixMs: number } {
    return { timeMs: this.#timeOf(unixMs), unixMs: arrivedUnixMs };
  }
}

function peopleIn(segments: readonly Segment[], persons: ReadonlyMap<number, Person>): Person[] {
  const ids = new Set(segments.map(({ person }) => person));
  return [...persons.values()].filter(({ id }) => ids.has(id));
}

function refusedWords(refused: number): string[] {
  if (refused === 0) return [];
  const frames = refused === 1 ? '1 frame has' : `${refused} frames have`;
  return [`${frames} no row, because the camera gave a time that was not later than the one before.`];
}
