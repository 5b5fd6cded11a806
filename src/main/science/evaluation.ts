// What an evaluation says of a profile on a data set, as its file holds it. Shares are 0…1, times milliseconds.
import { EXPRESSIONS, type Expression, type Probabilities } from '../core/expression.ts';
import {
  CALIBRATION_BINS,
  confusionOf,
  figuresOf,
  labelFigures,
  outcomeOf,
  reliability,
  type Outcome,
} from './metrics.ts';
import { RESAMPLES, bootstrap, holm, mcnemar, permutationTest, type Interval } from './statistics.ts';

/** A picture of the data set and what was said of it. */
export interface EvaluatedItem {
  readonly name: string;
  /** Index in EXPRESSIONS. */
  readonly label: number;
  readonly subject: string | null;
  /** Null where no face was found. */
  readonly probabilities: Probabilities | null;
  /** See Judged. */
  readonly votes?: Probabilities | null;
}

/** The main figures as they are written. Null where there is nothing to divide by. */
export interface MainFigures {
  readonly accuracy: number | null;
  readonly balanced_accuracy: number | null;
  readonly macro_f1: number | null;
  readonly log_loss: number | null;
  readonly ece: number | null;
}

export interface Evaluation extends MainFigures {
  readonly images: number;
  readonly faces_not_found: number;
  /** Where pictures without a face count as wrong. */
  readonly accuracy_with_errors: number;
  readonly intervals: { readonly [N in keyof MainFigures]?: Interval };
  readonly intervals_of: string;
  readonly labels: readonly Expression[];
  /** Rows: labels; columns: first choices; both in the order of `labels`. */
  readonly confusion: readonly (readonly number[])[];
  readonly per_label: Readonly<
    Record<string, { precision: number | null; recall: number | null; f1: number | null; support: number }>
  >;
  readonly ece_bins: number;
  readonly reliability: readonly {
    readonly from: number;
    readonly to: number;
    readonly items: number;
    readonly mean_sureness: number | null;
    readonly accuracy: number | null;
  }[];
}

/** Two evaluations of the same pictures. */
export interface Comparison {
  readonly images: number;
  readonly accuracy: readonly [first: number, second: number];
  readonly only_first_right: number;
  readonly only_second_right: number;
  /** Exact McNemar test, two-sided. */
  readonly p: number;
  /** Permutation test over subjects; null where they are not known. */
  readonly p_subjects: number | null;
  /** For each expression its recall in both, and McNemar's p adjusted by Holm's method. */
  readonly per_label: Readonly<Record<string, { first: number; second: number; p_holm: number }>>;
}

const SEED = 1;

const orNull = (value: number): number | null => (Number.isNaN(value) ? null : value);

/** The main figures of items; those without an estimate are left out. */
export function mainFigures(items: readonly EvaluatedItem[]): MainFigures {
  return written(figuresOf(outcomesOf(items)));
}

function written(figures: ReturnType<typeof figuresOf>): MainFigures {
  return {
    accuracy: orNull(figures.accuracy),
    balanced_accuracy: orNull(figures.balancedAccuracy),
    macro_f1: orNull(figures.macroF1),
    log_loss: orNull(figures.logLoss),
    ece: orNull(figures.calibrationError),
  };
}

const outcomesOf = (items: readonly EvaluatedItem[]): Outcome[] => items.flatMap((item) => outcomeOf(item) ?? []);

/** Everything about items that belong to one data set. Intervals are 95 % bootstrap intervals, the same in every run. */
export function evaluate(items: readonly EvaluatedItem[]): Evaluation {
  const found = items.filter((item) => outcomeOf(item) !== null);
  const outcomes = outcomesOf(found);
  const confusion = confusionOf(outcomes);
  const E = EXPRESSIONS.length;
  const chosen = EXPRESSIONS.map((_, e) => outcomes.some(({ choice, label }) => choice === e || label === e));
  const labels = EXPRESSIONS.filter((_, e) => chosen[e]);
  const at = (name: Expression): number => EXPRESSIONS.indexOf(name);
  const perLabel = labelFigures(confusion);
  const subjects = subjectsOf(found);
  const intervals = bootstrap(
    outcomes.length,
    subjects,
    (weights) => {
      const { accuracy, balancedAccuracy, macroF1, logLoss, calibrationError } = figuresOf(outcomes, weights);
      return {
        accuracy,
        balanced_accuracy: balancedAccuracy,
        macro_f1: macroF1,
        log_loss: logLoss,
        ece: calibrationError,
      };
    },
    SEED,
  );
  return {
    images: items.length,
    faces_not_found: items.length - found.length,
    ...mainFigures(found),
    accuracy_with_errors: outcomes.filter(({ isRight }) => isRight).length / items.length,
    intervals,
    intervals_of: `${RESAMPLES} bootstrap resamples of ${subjects ? 'subjects' : 'pictures'}, 95 %`,
    labels,
    confusion: labels.map((row) => labels.map((column) => confusion[E * at(row) + at(column)])),
    per_label: Object.fromEntries(
      labels.map((name) => {
        const { precision, recall, f1, support } = perLabel[at(name)];
        return [name, { precision: orNull(precision), recall: orNull(recall), f1: orNull(f1), support }];
      }),
    ),
    ece_bins: CALIBRATION_BINS,
    reliability: reliability(outcomes).map(({ from, to, items: count, meanSureness, accuracy }) => ({
      ...{ from, to, items: count },
      mean_sureness: orNull(meanSureness),
      accuracy: orNull(accuracy),
    })),
  };
}

/** For each item a number of its subject; null unless all are known. */
export function subjectsOf(items: readonly EvaluatedItem[]): number[] | null {
  const numbers = new Map<string, number>();
  const of: number[] = [];
  for (const { subject } of items) {
    if (subject === null) return null;
    const number = numbers.get(subject) ?? numbers.size;
    numbers.set(subject, number);
    of.push(number);
  }
  return of;
}

/** Compares by names what both have an estimate for; null where that is nothing. */
export function compare(first: readonly EvaluatedItem[], second: readonly EvaluatedItem[]): Comparison | null {
  const others = new Map(second.map((item) => [item.name, item]));
  const pairs = first.flatMap((item) => {
    const other = others.get(item.name);
    const [own, theirs] = [outcomeOf(item), other?.label === item.label ? outcomeOf(other) : null];
    return own && theirs
      ? [{ subject: item.subject, label: item.label, first: own.isRight, second: theirs.isRight }]
      : [];
  });
  if (pairs.length === 0) return null;
  const share = (of: readonly (typeof pairs)[number][], which: 'first' | 'second'): number =>
    of.filter((pair) => pair[which]).length / of.length;
  const split = (of: readonly (typeof pairs)[number][]): [number, number] => [
    of.filter((pair) => pair.first && !pair.second).length,
    of.filter((pair) => pair.second && !pair.first).length,
  ];
  const labels = EXPRESSIONS.map((name, e) => ({ name, pairs: pairs.filter(({ label }) => label === e) })).filter(
    ({ pairs: own }) => own.length > 0,
  );
  const adjusted = holm(labels.map(({ pairs: own }) => mcnemar(...split(own))));
  const [onlyFirst, onlySecond] = split(pairs);
  return {
    images: pairs.length,
    accuracy: [share(pairs, 'first'), share(pairs, 'second')],
    only_first_right: onlyFirst,
    only_second_right: onlySecond,
    p: mcnemar(onlyFirst, onlySecond),
    p_subjects: bySubjects(pairs),
    per_label: Object.fromEntries(
      labels.map(({ name, pairs: own }, i) => [
        name,
        { first: share(own, 'first'), second: share(own, 'second'), p_holm: adjusted[i] },
      ]),
    ),
  };
}

function bySubjects(
  pairs: readonly { readonly subject: string | null; readonly first: boolean; readonly second: boolean }[],
): number | null {
  const differences = new Map<string, number>();
  for (const { subject, first, second } of pairs) {
    if (subject === null) return null;
    differences.set(subject, (differences.get(subject) ?? 0) + Number(first) - Number(second));
  }
  return permutationTest([...differences.values()], SEED);
}
