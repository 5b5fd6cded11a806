// Runs a source through the networks into a session: several frames are under way at once (one being read, one looked at, one
// estimated), and what comes out is written in the order of the frames.
import { asError } from '../contract/errors.ts';
import type { Profile } from '../core/profile.ts';
import type { FaceRecord } from '../core/record.ts';
import { ClockReadings } from './clock-readings.ts';
import { faceRecords } from './faces.ts';
import type { Analyzer, Clock, FrameAnalysis, FrameSource, SessionWriter, SlottedFrame, SourceGap } from './ports.ts';

export interface RecordProgress {
  readonly frames: number;
  /** Time of the last frame on the source's clock; NaN for pictures. */
  readonly timeMs: number;
  /** Frames that were lost in front of those. */
  readonly dropped: number;
}

export interface RecordResult extends RecordProgress {
  readonly state: 'complete' | 'interrupted';
  readonly elapsedMs: number;
}

export interface RecordTask {
  readonly source: FrameSource;
  readonly analyzer: Analyzer;
  readonly writer: SessionWriter;
  readonly profile: Profile;
  readonly clock: Clock;
  /** When it is aborted, no further frame is read; those under way are finished and written. */
  readonly signal: { readonly aborted: boolean };
  /** `faces` are those of the last frame. */
  readonly onProgress: (progress: RecordProgress, faces: readonly FaceRecord[]) => void;
}

/**
 * Analyses a source to its end and closes the session. Throws what source, networks or store throw, when what was under way has
 * ended: frames in front of the fault are stored then, and the session is closed as interrupted where the store still can.
 */
export async function record(task: RecordTask): Promise<RecordResult> {
  const { source, analyzer, writer, clock, signal } = task;
  const startMs = clock.monotonicMs();
  let progress: RecordProgress = { frames: 0, timeMs: NaN, dropped: 0 };
  const readings = new ClockReadings((reading) => writer.clock(reading));
  let written: Promise<void> = Promise.resolve();
  const faults: Error[] = [];
  const fail = (error: unknown): void => void faults.push(asError(error));

  const write = async (frame: SlottedFrame, result: Promise<FrameAnalysis>): Promise<void> => {
    try {
      const analysis = await result;
      const { news } = analysis;
      if (faults.length > 0) return; // a gap in the middle would look like frames without a face
      const { sequence, timeMs, droppedBefore, name, gapBefore, capturedUnixMs } = frame;
      const { searched } = analysis.report;
      const faces = faceRecords(analysis, task.profile);
      if (gapBefore) writeGap(writer, gapBefore, timeMs);
      writer.frame({ sequence, timeMs, droppedBefore, searched, name, gap: null }, faces);
      if (capturedUnixMs !== undefined) readings.add({ timeMs, unixMs: capturedUnixMs });
      if (news.persons.length + news.segments.length > 0) writer.identity(news.persons, news.segments);
      const dropped = progress.dropped + droppedBefore + (gapBefore?.droppedBefore ?? 0);
      progress = { frames: progress.frames + 1, timeMs, dropped };
      task.onProgress(progress, faces);
      await writer.settled();
    } catch (error) {
      fail(error);
    } finally {
      analyzer.release(frame.slot);
    }
  };

  const readAll = async (): Promise<void> => {
    while (!signal.aborted && faults.length === 0) {
      const frame = await source.next(analyzer.allocate);
      if (!frame) return;
      const result = analyzer.analyze(frame);
      result.catch(() => undefined); // told when its turn to be written comes
      written = written.then(() => write(frame, result));
    }
  };

  /** Decides who is who and closes the session. */
  const end = async (state: RecordResult['state'], problems: readonly string[]): Promise<number> => {
    const news = await analyzer.finish().catch((error: unknown) => {
      if (faults.length === 0) throw error;
      return null; // the networks are what failed
    });
    if (news) writer.identity(news.persons, news.segments);
    readings.end();
    const elapsedMs = clock.monotonicMs() - startMs;
    const analysedFps = elapsedMs > 0 ? (1000 * progress.frames) / elapsedMs : 0;
    await writer.end({ state, problems: [...source.problems, ...analyzer.problems, ...problems], analysedFps });
    return elapsedMs;
  };

  await readAll().catch((error: unknown) => written.then(() => fail(error)));
  await written;
  if (faults.length > 0) {
    const [fault] = faults;
    await end('interrupted', [fault.message]).catch(fail); // the first fault is the one to tell
    throw fault;
  }
  const state = signal.aborted ? 'interrupted' : 'complete';
  return { ...progress, state, elapsedMs: await end(state, []) };
}

/** A live source that was gone is a row, and its going and coming are events, as in a recording from a window. */
function writeGap(writer: SessionWriter, { kind, ...row }: SourceGap, backMs: number): void {
  writer.frame({ ...row, searched: false, name: null, gap: 'source_gap' }, []);
  writer.event({ timeMs: row.timeMs, kind, detail: null });
  writer.event({ timeMs: backMs, kind: 'camera_back', detail: null });
}
