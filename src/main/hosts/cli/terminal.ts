// What the command line says: answers on stdout, everything else on stderr. A bar on a terminal, plain lines otherwise.
import { SingleBar } from 'cli-progress';

let isAnswered = false;

/** Whether anything was printed: with --json that is the one object. */
export const hasPrinted = (): boolean => isAnswered;

export function print(text: string): void {
  isAnswered = true;
  process.stdout.write(`${text}\n`);
}

export function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Resolves when somebody wants the program to end. */
export function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
    process.once('SIGHUP', () => resolve());
  });
}

/** Columns of text, padded; numbers stand right. */
export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const texts = [head, ...rows].map((row) => row.map((cell) => `${cell}`));
  const widths = head.map((_, i) => Math.max(...texts.map((row) => row[i].length)));
  const body = texts.slice(1);
  const isNumber = head.map((_, i) => body.length > 0 && body.every((row) => /^[\d.,×% –-]*$/.test(row[i])));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, i) => (isNumber[i] ? cell.padStart(widths[i]) : cell.padEnd(widths[i])))
      .join('  ')
      .trimEnd();
  return texts.map(line).join('\n');
}

/** "1 frame", "2 frames". */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** "1:05" or "1:02:03". */
export function clockText(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const two = (value: number): string => String(value).padStart(2, '0');
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

export interface Progress {
  update(done: number): void;
  stop(): void;
}

const PLAIN_EVERY_MS = 5000;

/** Progress of something that takes `total` steps (null: nobody knows), with its speed and the time left. */
export function startProgress(label: string, total: number | null, unit: string): Progress {
  const startedMs = performance.now();
  const rate = (done: number): number => (1000 * done) / Math.max(1, performance.now() - startedMs);
  const left = (done: number): string => (total && done > 0 ? clockText((total - done) / rate(done)) : '?');
  if (process.stderr.isTTY) {
    const format = total
      ? `${label} {bar} {percentage} %  {done}/{total} ${unit}  {speed}/s  {left} left`
      : `${label} {done} ${unit}  {speed}/s`;
    const bar = new SingleBar({ format, hideCursor: true, barsize: 24, stream: process.stderr, clearOnComplete: true });
    bar.start(total ?? 1, 0, { done: 0, speed: 0, left: '?' });
    return {
      update: (done) =>
        bar.update(total ? Math.min(done, total) : 0, { done, speed: Math.round(rate(done)), left: left(done) }),
      stop: () => bar.stop(),
    };
  }
  let lastMs = startedMs;
  return {
    update(done) {
      if (performance.now() - lastMs < PLAIN_EVERY_MS) return;
      lastMs = performance.now();
      const share = total ? `${Math.min(100, Math.round((100 * done) / total))} %, ` : '';
      note(`${label}: ${share}${done} ${unit}, ${Math.round(rate(done))}/s${total ? `, ${left(done)} left` : ''}`);
    },
    stop() {
      // The lines that are out stay.
    },
  };
}

/** A line that says how things stand. */
export interface Line {
  show(text: string): void;
  /** Says something that stays, above it. */
  note(text: string): void;
  stop(): void;
}

const REDRAW_MS = 250;
const ERASE = '\r\u001B[2K';

/** On a terminal the line is written anew a few times a second; elsewhere it is one of every few seconds. */
export function startLine(): Line {
  const { isTTY } = process.stderr;
  let lastMs = performance.now() - (isTTY ? REDRAW_MS : 0);
  const erase = (): void => {
    if (isTTY) process.stderr.write(ERASE);
  };
  return {
    show(text) {
      if (performance.now() - lastMs < (isTTY ? REDRAW_MS : PLAIN_EVERY_MS)) return;
      lastMs = performance.now();
      if (isTTY) process.stderr.write(ERASE + text.slice(0, process.stderr.columns - 1));
      else note(text);
    },
    note(text) {
      erase();
      note(text);
    },
    stop: erase,
  };
}
