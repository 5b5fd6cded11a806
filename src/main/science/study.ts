// A search for the point with the smallest value, one trial after the other or several side by side. It computes nothing itself: whoever
// asks for a trial tells what came of it. No clock, no files: what was told can be told again, and the study goes on.
import { medianPruner, type Pruner } from './pruner.ts';
import { randomFrom } from './random.ts';
import { checkSpace, type Point, type SearchSpace } from './search-space.ts';
import { tpe, type Sampler } from './tpe.ts';
import { ranked, type Trial } from './trial.ts';

export interface StudyOptions {
  readonly seed: number;
  readonly sampler?: Sampler;
  readonly pruner?: Pruner;
  /** Points of the first trials, where they are known to be worth it. */
  readonly begins?: readonly Point[];
}

/** As published: none is stopped before ten are complete. */
const PRUNER = medianPruner({ startupTrials: 10, warmupSteps: 0 });

/**
 * Every trial draws its own random numbers, from the seed and its number. So a study that asks for a trial only when all before it have
 * ended is the same in every run, and also when it was interrupted; of trials side by side it matters which ends first.
 */
export class Study {
  readonly space: SearchSpace;
  readonly #options: Required<StudyOptions>;
  readonly #trials = new Map<number, Trial>();

  /** Throws RangeError for a space in which nothing can be searched. */
  constructor(space: SearchSpace, options: StudyOptions) {
    checkSpace(space);
    this.space = space;
    this.#options = { sampler: tpe, pruner: PRUNER, begins: [], ...options };
  }

  /** In the order of their numbers. */
  get trials(): Trial[] {
    return [...this.#trials.values()].sort((p, q) => p.number - q.number);
  }

  /** The complete trial with the smallest value, the first of equals; null before there is one. */
  get best(): Trial | null {
    const [first] = ranked(this.trials);
    return first?.state === 'complete' ? first : null;
  }

  /** Takes in a trial of an earlier part of the study. Throws RangeError for one that is still running, known, or of another space. */
  restore(trial: Trial): void {
    if (trial.value === null) throw new RangeError(`trial ${trial.number} has not ended`);
    if (this.#trials.has(trial.number)) throw new RangeError(`trial ${trial.number} is known`);
    if (trial.point.length !== this.space.length) throw new RangeError(`trial ${trial.number} is of another space`);
    this.#trials.set(trial.number, trial);
  }

  /** Begins a trial, with the smallest number that is free. */
  ask(): Trial {
    let number = 0;
    while (this.#trials.has(number)) number++;
    const { begins, sampler } = this.#options;
    const point = begins[number] ?? sampler(this.space, this.trials, this.#randomOf(number));
    return this.#keep({ number, point, state: 'running', reports: [], value: null });
  }

  /**
   * Takes what is known of a running trial after its next step; steps must mean the same in every trial. Returns it, pruned where it is
   * not worth going on. Throws RangeError for a value that is no number, and for a trial that does not run.
   */
  report(number: number, value: number): Trial {
    const trial = this.#running(number, value);
    const reported = { ...trial, reports: [...trial.reports, value] };
    const isPruned = this.#options.pruner(reported, this.trials);
    return this.#keep(isPruned ? { ...reported, state: 'pruned', value } : reported);
  }

  /** Ends a running trial with its value. Throws as {@link report} does. */
  tell(number: number, value: number): Trial {
    return this.#keep({ ...this.#running(number, value), state: 'complete', value });
  }

  #running(number: number, value: number): Trial {
    const trial = this.#trials.get(number);
    if (trial?.state !== 'running') throw new RangeError(`trial ${number} does not run`);
    if (!Number.isFinite(value)) throw new RangeError(`${value} is no value of trial ${number}`);
    return trial;
  }

  #keep(trial: Trial): Trial {
    this.#trials.set(trial.number, trial);
    return trial;
  }

  /** Seeds that lie side by side must not give numbers that do: both are spread over 32 bits. */
  #randomOf(number: number): () => number {
    return randomFrom(Math.imul(this.#options.seed, 0x9e3779b1) ^ Math.imul(number + 1, 0x85ebca6b));
  }
}
