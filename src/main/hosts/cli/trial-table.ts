// How a study is getting on: a table that is drawn again on a terminal, a line for every new best trial elsewhere.
import type { Study } from '../../science/study.ts';
import type { Trial } from '../../science/trial.ts';
import { clockText, counted, note, table } from './terminal.ts';

const DRAWN_EVERY_MS = 100;

export class TrialTable {
  readonly #study: Study;
  readonly #trials: number;
  readonly #startedMs = performance.now();
  readonly #earlier: number;
  /** Of complete trials, by number; those of an earlier run are not known here. */
  readonly #accuracies = new Map<number, number>();
  #best: Trial | null;
  #drawnMs = -Infinity;
  #lines = 0;

  /** `trials` is how many the study shall have. */
  constructor(study: Study, trials: number) {
    this.#study = study;
    this.#trials = trials;
    this.#earlier = study.trials.length;
    this.#best = study.best;
    if (this.#earlier > 0) note(`Going on with a study of ${counted(this.#earlier, 'trial')}.`);
  }

  add(trial: Trial, accuracy: number | null): void {
    if (accuracy !== null) this.#accuracies.set(trial.number, accuracy);
    const { best } = this.#study;
    const isBetter = best?.number !== this.#best?.number;
    this.#best = best;
    if (process.stderr.isTTY) this.#draw(false);
    else if (isBetter && best)
      note(`trial ${best.number}: ${this.#figuresOf(best)}, the best of ${this.#done().length}`);
  }

  /** Leaves the last state on the terminal. */
  stop(): void {
    if (process.stderr.isTTY) this.#draw(true);
  }

  #done(): Trial[] {
    return this.#study.trials.filter(({ state }) => state !== 'running');
  }

  #figuresOf({ number, value }: Trial): string {
    const accuracy = this.#accuracies.get(number);
    const right = accuracy === undefined ? '' : `, accuracy ${(100 * accuracy).toFixed(1)} %`;
    return `log loss ${(value ?? NaN).toFixed(4)}${right}`;
  }

  #draw(isLast: boolean): void {
    const nowMs = performance.now();
    if (!isLast && nowMs - this.#drawnMs < DRAWN_EVERY_MS) return;
    this.#drawnMs = nowMs;
    const done = this.#done();
    const perMs = (done.length - this.#earlier) / Math.max(1, nowMs - this.#startedMs);
    const left = perMs > 0 ? clockText(Math.max(0, this.#trials - done.length) / perMs / 1000) : '?';
    const text = table(
      ['study', ''],
      [
        ['trials', `${done.length} of ${this.#trials}, ${left} left`],
        ['pruned', `${done.filter(({ state }) => state === 'pruned').length}`],
        ['where the study began', this.#begin()],
        ['best so far', this.#best ? `trial ${this.#best.number}: ${this.#figuresOf(this.#best)}` : '–'],
      ],
    );
    const up = this.#lines > 0 ? `\u001b[${this.#lines}F\u001b[J` : '';
    process.stderr.write(`${up}${text}\n`);
    this.#lines = text.split('\n').length;
  }

  /** The first trial has the profile's weights and thresholds, with temperatures that are fitted anew. */
  #begin(): string {
    const first = this.#study.trials.find(({ number, state }) => number === 0 && state === 'complete');
    return first ? this.#figuresOf(first) : '–';
  }
}
