// What a recording says while it runs: one line that is written anew on a terminal, a line every few seconds elsewhere.
import { DEPTH_WORDS } from '../../contract/words.ts';
import type { FaceRecord } from '../../core/record.ts';
import type { RecordProgress } from '../../engine/record.ts';
import { clockText, counted, startLine, type Line } from './terminal.ts';

/** Frames a second are those of so long. */
const RATE_MS = 2000;

export class LiveLine {
  readonly #name: string;
  readonly #nowMs: () => number;
  readonly #line: Line;
  /** When the last frames were written. */
  #writtenMs: number[] = [];

  constructor(name: string, nowMs: () => number) {
    this.#name = name;
    this.#nowMs = nowMs;
    this.#line = startLine();
  }

  update(progress: RecordProgress, faces: readonly FaceRecord[]): void {
    const now = this.#nowMs();
    this.#writtenMs = [...this.#writtenMs.filter((at) => now - at < RATE_MS), now];
    this.#line.show(liveText(this.#name, progress, this.#writtenMs, faces));
  }

  /** Says something that stays. */
  note(text: string): void {
    this.#line.note(text);
  }

  stop(): void {
    this.#line.stop();
  }
}

/** `writtenMs` is when the frames of the last moment were written, in milliseconds of any clock. */
export function liveText(
  name: string,
  { timeMs, dropped }: RecordProgress,
  writtenMs: readonly number[],
  faces: readonly FaceRecord[],
): string {
  const spanMs = (writtenMs.at(-1) ?? 0) - (writtenMs[0] ?? 0);
  const rate = spanMs > 0 ? `${((1000 * (writtenMs.length - 1)) / spanMs).toFixed(0)} frames a second, ` : '';
  const said = faces.flatMap(({ depth }) => (depth ? DEPTH_WORDS[depth.verdict] : []));
  const verdicts = [...new Set(said)].map((words) => `${said.filter((one) => one === words).length} × ${words}`);
  const depth = verdicts.length > 0 ? ` (depth: ${verdicts.join(', ')})` : '';
  return `${name} ${clockText(timeMs / 1000)}: ${rate}${counted(faces.length, 'face')}${depth}, ${dropped} dropped`;
}
