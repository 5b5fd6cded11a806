// Runs a source through the networks into a session: three frames are under way at once (one being read, one looked at, one
// estimated), and what comes out is written in the order of the frames.
import { asError } from '../contract/errors.ts';
import { fuse } from '../core/ensemble.ts';
import { qualityReason } from '../core/quality.ts';
import type { Profile } from '../core/profile.ts';
import type { FaceRecord } from '../core/record.ts';
import type { IdentityNews } from '../core/vision.ts';
import type { Analyzer, Clock, FrameSource, SessionWriter, SlottedFrame } from './ports.ts';

export interface RecordProgress {
  readonly frames: number;
  /** Time of the last frame on the source's clock; NaN for pictures. */
  readonly timeMs: number;
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
  readonly onProgress: (progress: RecordProgress) => void;
}

/** Analyses a source to its end and closes the session. Throws what source, networks or store throw. */
export async function record(task: RecordTask): Promise<RecordResult> {
  const { source, analyzer, writer, clock, signal } = task;
  const startMs = clock.monotonicMs();
  let progress: RecordProgress = { frames: 0, timeMs: NaN };
  let written: Promise<void> = Promise.resolve();
  let failure: Error | null = null;

  const write = async (frame: SlottedFrame, result: ReturnType<typeof analyse>): Promise<void> => {
    try {
      const { searched, news, faces } = await result;
      writer.frame(
        {
          sequence: frame.sequence,
          timeMs: frame.timeMs,
          droppedBefore: frame.droppedBefore,
          searched,
          name: frame.name,
        },
        faces,
      );
      if (news.persons.length + news.segments.length > 0) writer.identity(news.persons, news.segments);
      progress = { frames: progress.frames + 1, timeMs: frame.timeMs };
      task.onProgress(progress);
      await writer.settled();
    } catch (error) {
      failure ??= asError(error);
    } finally {
      analyzer.release(frame.slot);
    }
  };

  while (!signal.aborted && !failure) {
    const frame = await source.next(analyzer.allocate);
    if (!frame) break;
    const result = analyse(frame, task);
    written = written.then(() => write(frame, result));
  }
  await written;
  throwIfFailed(failure);
  const news = await analyzer.finish();
  writer.identity(news.persons, news.segments);
  const elapsedMs = clock.monotonicMs() - startMs;
  const state = signal.aborted ? 'interrupted' : 'complete';
  const analysedFps = elapsedMs > 0 ? (1000 * progress.frames) / elapsedMs : 0;
  await writer.end({ state, problems: [...source.problems, ...analyzer.problems], analysedFps });
  return { ...progress, state, elapsedMs };
}

/** A closure has set it, which the checker of types cannot see. */
function throwIfFailed(failure: Error | null): void {
  if (failure) throw failure;
}

/** A frame's faces as they are stored. */
async function analyse(
  frame: SlottedFrame,
  { analyzer, profile }: RecordTask,
): Promise<{ readonly searched: boolean; readonly news: IdentityNews; readonly faces: FaceRecord[] }> {
  const { report, news, answers } = await analyzer.analyze(frame);
  const weights = profile.members.map((member) => member.weights);
  const faces = report.faces.map((face, i): FaceRecord => {
    const members = answers[i] ?? profile.members.map(() => null);
    const { fused, agreement } = fuse(members, weights);
    const failed = members.every((member) => member === null);
    const reason = !answers[i] ? 'no_consent' : failed ? 'member_failed' : qualityReason(face.quality, profile.quality);
    const { segment, box, landmarks, detectorScore, quality } = face;
    return {
      sequence: frame.sequence,
      segment,
      box,
      landmarks,
      detectorScore,
      quality,
      reason,
      members,
      fused,
      agreement,
    };
  });
  return { searched: report.searched, news, faces };
}
