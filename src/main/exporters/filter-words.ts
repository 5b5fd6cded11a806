// What smoothing and confirmation do to estimates, and how late they make them: for files, reports and whoever cites them.
import type { WindowOptions } from '../core/window.ts';

/** Rules of time, each as the rest of a sentence that begins with its name. */
export interface FilterWords {
  readonly smoothing: string;
  readonly confirmation: string;
  readonly restart: string;
}

export function filterWords(options: WindowOptions): FilterWords {
  return options.frames ? countedWords(options, options.frames) : timedWords(options);
}

function timedWords(options: WindowOptions): FilterWords {
  const { smoothing, smoothingMs, confirmationMs, confirmationShare, restartMs } = options;
  return {
    smoothing:
      smoothing === 'mean'
        ? `mean of the valid rows of the last ${smoothingMs} ms; delay about ${smoothingMs / 2} ms`
        : `exponential mean of the valid rows with a time constant of ${smoothingMs} ms; delay about ${smoothingMs} ms`,
    confirmation:
      `dominant in more than ${percentOf(confirmationShare)} of the valid rows of the last ${confirmationMs} ms; ` +
      `an onset is confirmed at least ${Math.round(confirmationShare * confirmationMs)} ms late; empty while undecided`,
    restart: `both begin anew after more than ${restartMs} ms without a valid row`,
  };
}

function countedWords(
  { confirmationShare }: WindowOptions,
  { smoothing, confirmation }: NonNullable<WindowOptions['frames']>,
): FilterWords {
  const late = Math.floor(confirmationShare * confirmation) + 1;
  return {
    smoothing:
      `mean of the last ${framesOf(smoothing)} with a valid row, counted and not timed, as published; delay about ` +
      framesOf((smoothing - 1) / 2),
    confirmation:
      `dominant in more than ${percentOf(confirmationShare)} of the last ${framesOf(confirmation)} with a valid row, counted and not ` +
      `timed, as published; an onset is confirmed with its frame number ${late} when the window is full; neutral while undecided`,
    restart: 'neither begins anew after a gap',
  };
}

const percentOf = (share: number): string => `${Math.round(100 * share)} %`;
const framesOf = (count: number): string => `${count} ${count === 1 ? 'frame' : 'frames'}`;
