// Runs the trials of a study in threads. What is scored was computed before: a trial is arithmetic only.
import type { Scoring } from '../../core/scoring.ts';
import { Thread } from '../../platform/thread.ts';
import type { Point } from '../../science/search-space.ts';
import type { Study } from '../../science/study.ts';
import type { Trial } from '../../science/trial.ts';
import type { Part, TuningItem } from './objective.ts';
import type { TrialRequest, TrialStart } from './trial-protocol.ts';

const WORKER = new URL('./trial-worker.ts', import.meta.url);
/** As published: a trial reports after so many pictures. */
const PICTURES_A_REPORT = 200;

export interface TrialsOptions {
  readonly study: Study;
  /** In the order in which they are scored: each part should be a fair sample. */
  readonly items: readonly TuningItem[];
  readonly scoringAt: (point: Point) => Scoring;
  /** Trials that the study shall have in the end. */
  readonly trials: number;
  /** Threads. With one the study is the same in every run. */
  readonly jobs: number;
  readonly signal: { readonly aborted: boolean };
  /** Hears of every trial that has ended; accuracy 0…1, null for a pruned one. */
  readonly onTrial: (trial: Trial, accuracy: number | null) => void;
}

/** Returns when the study has its trials, or soon after the signal was set: then trials under way are forgotten. */
export async function runTrials(options: TrialsOptions): Promise<void> {
  const { study, items, trials, jobs } = options;
  const missing = trials - study.trials.length;
  const start: TrialStart = { items };
  const threads = Array.from(
    { length: Math.max(0, Math.min(jobs, missing)) },
    () => new Thread<TrialRequest>(WORKER, start, { kind: 'stop' }),
  );
  const failed = { aborted: false };
  const isStopped = (): boolean => options.signal.aborted || failed.aborted;
  const work = async (thread: Thread<TrialRequest>): Promise<void> => {
    try {
      while (!isStopped() && study.trials.length < trials) await runTrial(thread, options, isStopped);
    } catch (error) {
      failed.aborted = true; // the others need not go on
      throw error;
    }
  };
  try {
    const ended = await Promise.allSettled(threads.map(work));
    for (const { reason } of ended.filter((end) => end.status === 'rejected')) throw reason;
  } finally {
    await Promise.all(threads.map((thread) => thread.stop()));
  }
}

async function runTrial(
  thread: Thread<TrialRequest>,
  { study, items, scoringAt, onTrial }: TrialsOptions,
  isStopped: () => boolean,
): Promise<void> {
  const { number, point } = study.ask();
  const scoring = scoringAt(point);
  let [loss, right] = [0, 0];
  for (let from = 0; from < items.length; from += PICTURES_A_REPORT) {
    const to = Math.min(items.length, from + PICTURES_A_REPORT);
    const part = (await thread.call({ kind: 'score', scoring, from, to })) as Part;
    if (isStopped()) return;
    loss += part.loss;
    right += part.right;
    if (to === items.length) break;
    const reported = study.report(number, loss / to);
    if (reported.state === 'pruned') {
      onTrial(reported, null);
      return;
    }
  }
  onTrial(study.tell(number, loss / items.length), right / items.length);
}
