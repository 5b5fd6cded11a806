// What the engine needs from the outside, as interfaces: the hosts put sources, inference and store behind them.
import type { Consent, Scope } from '../contract/consent.ts';
import type { SessionLock } from '../contract/project.ts';
import type { SessionSetup } from '../contract/setup.ts';
import type { KeptVideo, SessionVideo } from '../contract/video.ts';
import type { Withdrawable, Withdrawal } from '../contract/withdrawal.ts';
import type { Baseline } from '../core/baseline.ts';
import type { DepthGeometry } from '../core/depth/frame.ts';
import type { AppliedEdit } from '../core/edits.ts';
import type { ExpressionOutput } from '../core/ensemble.ts';
import type { Probabilities } from '../core/expression.ts';
import type { FaceInput } from '../core/face-input.ts';
import type { ColorSpace, PixelFormat } from '../core/frame.ts';
import type { Box } from '../core/geometry.ts';
import type { KnownParticipant, Person, Segment } from '../core/persons.ts';
import type { Profile } from '../core/profile.ts';
import type { ClockReading, DepthRejection, FaceRecord, FrameRecord, Marker, SessionEvent } from '../core/record.ts';
import type { FrameRange, TimelineRow } from '../core/timeline.ts';
import type { IdentityNews, VisionReport } from '../core/vision.ts';
import type { GapKind } from './capture-timeline.ts';

/** Memory for one frame, shared by everybody who works on it. */
export interface FrameSlot {
  /** The frame's planes without gaps, as core/frame.ts lays them out, and its depth behind them. */
  readonly bytes: Uint8Array;
  readonly id: number;
}

/** A frame in a slot. Whoever holds the last use of it gives the slot back. */
export interface SlottedFrame {
  readonly slot: FrameSlot;
  readonly sequence: number;
  readonly timeMs: number;
  readonly width: number;
  readonly height: number;
  readonly format: PixelFormat;
  readonly colorSpace: ColorSpace;
  /** Frames lost since the one before. */
  readonly droppedBefore: number;
  /** The picture's name, where frames are pictures. */
  readonly name: string | null;
  /** How the depth lies that the slot holds behind the picture (core/frame.ts, depthIn), if it does. */
  readonly depth?: DepthGeometry;
  /** The wall clock when it was captured, in Unix milliseconds; of a live source. */
  readonly capturedUnixMs?: number;
  /** What was missing in front of it, where a live source was gone for a while. */
  readonly gapBefore?: SourceGap;
}

/** A while in which a live source gave nothing. It is a row of its own. */
export interface SourceGap extends Pick<SlottedFrame, 'sequence' | 'timeMs' | 'droppedBefore'> {
  readonly kind: GapKind;
}

export type AllocateSlot = (
  format: PixelFormat,
  width: number,
  height: number,
  depth?: DepthGeometry,
) => Promise<FrameSlot>;

/** What is known of a source when it has been opened. */
export interface SourceInfo {
  readonly kind: 'video' | 'pictures' | 'camera';
  /** Name without folders, for people. */
  readonly name: string;
  /** Of the file's bytes, or of the pictures' hashes in their order; for a camera any text that is unique. */
  readonly sha256: string;
  readonly width: number;
  readonly height: number;
  /** How many frames the container promises, if it does. */
  readonly expectedFrames: number | null;
  readonly durationMs: number | null;
  /** Technical facts for the sidecar: container, codec, pixel format, rotation and so on. */
  readonly details: Readonly<Record<string, string | number | null>>;
}

export interface FrameSource {
  readonly info: SourceInfo;
  /** The next frame in a slot from `allocate`, or null behind the last one. */
  next(allocate: AllocateSlot): Promise<SlottedFrame | null>;
  /** Of a camera: waits for its first frame, and says when it was captured, in Unix milliseconds; null where there is none. */
  begin?(): Promise<number | null>;
  /** What could not be read, in sentences; complete once `next` has returned null. */
  readonly problems: readonly string[];
  close(): Promise<void>;
}

export interface AnalyzerOptions {
  readonly profile: Profile;
  readonly identification: boolean;
  readonly stills: boolean;
  /** The frames come from one camera: there are no cuts. */
  readonly uncut?: boolean;
  /** The people who were asked one by one; null for consent outside. */
  readonly participants: readonly KnownParticipant[] | null;
  /** Codes of those who agreed to analysis: the expression of nobody else is computed. Null: of everybody. */
  readonly analysed: readonly string[] | null;
}

/** What the networks say of a frame. */
export interface FrameAnalysis {
  readonly report: VisionReport;
  /** What identity has learned with this frame. */
  readonly news: IdentityNews;
  /** For each face what each member says, null for a member that failed; null for a face that must not be estimated. */
  readonly answers: readonly (readonly (Probabilities | null)[] | null)[];
  /** What the members are given of the faces that were asked for, of those that may be estimated. */
  readonly inputs?: readonly SegmentInputs[];
}

/** What each member of the ensemble is given of a face. */
export interface SegmentInputs {
  readonly segment: number;
  readonly inputs: readonly FaceInput[];
}

/** The networks at work. Calls are answered in the order in which they are made. */
export interface Analyzer {
  readonly allocate: AllocateSlot;
  release(slot: FrameSlot): void;
  /** Makes a participant known by a picture; returns how many faces are in it, of which there must be one. */
  enrol(code: string, picture: SlottedFrame): Promise<number>;
  /** Everything that the networks say of a frame; `inputsOf` are the segments whose {@link FrameAnalysis.inputs} are wanted. */
  analyze(frame: SlottedFrame, inputsOf?: readonly number[]): Promise<FrameAnalysis>;
  /**
   * Whose face a track (Segment.track) is, by the word of the researcher: from the next frame on it belongs to that participant,
   * or with null to nobody. Resolves to false when the track is not in view or the participant unknown.
   */
  assign(track: number, participant: string | null): Promise<boolean>;
  /**
   * From the next frame on, the expression of this participant is not computed (scope analysis), nor the embedding (identification):
   * the name stays with the track, and whoever comes back elsewhere is somebody new.
   */
  withdraw(participant: string, scope: Withdrawable): Promise<void>;
  /** What identity decides when nothing more comes. */
  finish(): Promise<IdentityNews>;
  /** What identity would decide if nothing more came; more may come. */
  settle(): Promise<IdentityNews>;
  /** Members that failed, in sentences, each once. */
  readonly problems: readonly string[];
  close(): Promise<void>;
}

/** A model of the ensemble as the session remembers it. */
export interface ModelRecord {
  readonly id: string;
  /** In hexadecimal; "git-blob:" and git's id of the file where only that is known. */
  readonly sha256: string;
  readonly expression: ExpressionOutput | null;
}

export type SessionState = 'recording' | 'complete' | 'interrupted';

/** Everything about a session that is fixed when it begins. */
export interface SessionStart {
  readonly id: string;
  /** What its files are called. */
  readonly code: string;
  readonly source: SourceInfo;
  readonly profile: Profile;
  readonly models: readonly ModelRecord[];
  readonly consent: Consent;
  readonly identification: boolean;
  readonly programVersion: string;
  /** Unix time of the session's first frame; null for files. */
  readonly firstFrameUnixMs: number | null;
  /** What the recording is for; null where nobody was asked. */
  readonly setup: SessionSetup | null;
  /** What its project holds fixed; null where there is none. */
  readonly lock: SessionLock | null;
}

/** What is known when a session ends. */
export interface SessionEnd {
  readonly state: Exclude<SessionState, 'recording'>;
  readonly problems: readonly string[];
  /** Null where nobody knows. */
  readonly analysedFps: number | null;
}

/** Writes one session. Calls return at once; `settled` and `end` wait for the disk and throw if it failed. */
export interface SessionWriter {
  frame(frame: FrameRecord, faces: readonly FaceRecord[]): void;
  identity(persons: readonly Person[], segments: readonly Segment[]): void;
  /** Adds a marker, or puts it in the place of the one with its id. */
  marker(marker: Marker): void;
  event(event: SessionEvent): void;
  clock(reading: ClockReading): void;
  /** Takes note of consent that is taken back now. */
  withdraw(participant: string, scopes: readonly Scope[]): void;
  /** Resolves when not too much waits for the disk. */
  settled(): Promise<void>;
  end(end: SessionEnd): Promise<void>;
}

/** A picture on its way into a video: its planes without gaps, as core/frame.ts lays them out. */
export interface VideoPicture {
  readonly width: number;
  readonly height: number;
  readonly format: PixelFormat;
  readonly colorSpace: ColorSpace;
  readonly bytes: Uint8Array;
}

/** What is known of a video when it has ended; null what nobody can tell of one that broke off. */
export type VideoFacts = Omit<KeptVideo, 'state' | 'codec'>;

/** Writes the video of one session. It never makes its caller wait, and never throws but where it says so. */
export interface VideoWriter {
  /**
   * Takes a picture, which is copied before this returns. `timeMs` is on the session's clock; `masks` are boxes in pixels of the
   * picture that are painted grey. A picture that comes while too many wait is left out and counted.
   */
  frame(picture: VideoPicture, timeMs: number, masks: readonly Box[]): void;
  /** Whether the video has ended before its time. */
  readonly hasFailed: boolean;
  /** Ends the video when everything that it took is written. What went wrong, in sentences; nothing where all is well. */
  close(): Promise<readonly string[]>;
  /** Ends the video and removes what was written. Throws store_unusable where it cannot be removed now. */
  discard(): Promise<void>;
}

/** Time and its words, handed in so that tests can hold them still. */
export interface Clock {
  /** Milliseconds that never go back. */
  monotonicMs(): number;
  unixMs(): number;
}

/** A clock for what may go on while the machine sleeps. */
export interface LiveClock extends Clock {
  /** Milliseconds since the machine was started, its sleep included; may be as coarse as a second. */
  uptimeMs(): number;
}

/** Where a session has its outputs from that was scored again. */
export interface RescoredFrom {
  /** Id of the other session, and its code while it is there. */
  readonly from: string;
  readonly fromCode: string | null;
  readonly unixMs: number;
  /** Version of the program whose networks ran. */
  readonly measuredVersion: string;
}

/** A stored session. */
export interface StoredSession {
  readonly id: string;
  readonly code: string;
  readonly state: SessionState;
  readonly source: SourceInfo;
  readonly profile: Profile;
  readonly profileHash: string;
  readonly models: readonly ModelRecord[];
  readonly consent: Consent;
  /** Consent that was taken back, in order of time. */
  readonly withdrawals: readonly Withdrawal[];
  readonly identification: boolean;
  readonly programVersion: string;
  readonly firstFrameUnixMs: number | null;
  readonly setup: SessionSetup | null;
  readonly lock: SessionLock | null;
  /** Null where no video was begun. */
  readonly video: SessionVideo | null;
  /** When it was made; of one that was scored again, when the first was made. */
  readonly createdUnixMs: number;
  readonly endedUnixMs: number | null;
  readonly problems: readonly string[];
  readonly analysedFps: number | null;
  /** Captured frames; gaps are none. */
  readonly frames: number;
  /** Of a video what its file says, of a camera from its first record to the end of its last; null where nobody can say. */
  readonly durationMs: number | null;
  /** Null for a session of which the networks saw the pictures. */
  readonly rescored: RescoredFrom | null;
}

/** Reads one session from its first frame to its last, as it was corrected by hand. */
export interface SessionReader {
  readonly session: StoredSession;
  /** Codes of the participants who agreed to analysis; null where consent was obtained outside. */
  readonly analysed: readonly string[] | null;
  readonly persons: readonly Person[];
  readonly segments: readonly Segment[];
  /** In order of time, as are events and readings of the clocks. */
  readonly markers: readonly Marker[];
  readonly events: readonly SessionEvent[];
  readonly clock: readonly ClockReading[];
  /** What depth rejected, in the order of its first frames. */
  readonly rejections: readonly DepthRejection[];
  /** All that was ever corrected by hand, in order. */
  readonly edits: readonly AppliedEdit[];
  /** What the researcher has written down; empty for nothing. */
  readonly note: string;
  /** Frames in order, each with its faces. `within`: only those are wanted; others may come, too. */
  frames(within?: FrameRange): Iterable<{ readonly frame: FrameRecord; readonly faces: readonly FaceRecord[] }>;
}

/** What a session has beside its frames. */
export type SessionNotes = Pick<SessionReader, 'persons' | 'segments' | 'markers' | 'events' | 'clock' | 'rejections'>;

/** A stretch of a session in seconds on its clock, the end not included; pictures are counted instead. */
export interface ExportSpan {
  readonly fromSeconds: number;
  readonly toSeconds: number;
}

/** What every exporter may say of the session that it writes. */
export interface ExportContext {
  readonly session: StoredSession;
  readonly notes: SessionNotes;
  /** Seconds in an interval of the summary. */
  readonly intervalSeconds: number;
  /** Whether values of rows that are not valid are left out. */
  readonly blankInvalid: boolean;
  /** Corrections by hand, those that are undone too. */
  readonly edits: readonly AppliedEdit[];
  /** Which rows there are; null for all. */
  readonly span: ExportSpan | null;
  /** Those in force, by number of person; they need not lie in the span. */
  readonly baselines: readonly Baseline[];
}

/** Meaning of a column or field, for the sidecar. */
export type ColumnMeanings = Readonly<Record<string, string>>;

/** Turns rows into the text of one file, piece by piece. */
export interface RowSink {
  /** Text in front of the first row. */
  readonly head: string;
  add(row: TimelineRow): string;
  /** Text behind the last row. */
  end(): string;
}

/** A file format. */
export interface Exporter {
  /** The name by which the user asks for it. */
  readonly format: string;
  /** Ending of its files, with the dot. */
  readonly ending: string;
  /** Whether a session has nothing for this format; then there is no file. Without it there always is something. */
  readonly skips?: (context: ExportContext) => boolean;
  columns(context: ExportContext): ColumnMeanings;
  open(context: ExportContext): RowSink;
}
