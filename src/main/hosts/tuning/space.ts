// What of a profile is searched for, and the scoring that a point of the search means.
import { EXPRESSIONS, softmax, type Expression } from '../../core/expression.ts';
import type { Profile } from '../../core/profile.ts';
import { RULE_PARAMETERS, parametersOf, type RuleParameters } from '../../core/refine.ts';
import type { Scoring } from '../../core/scoring.ts';
import type { Point, SearchRange } from '../../science/search-space.ts';
import type { TuningItem } from './objective.ts';

/** Bounds of a weight before it is normalised; a log scale cannot begin at 0. */
const LEAST_WEIGHT = 1e-3;
const MOST_WEIGHT = 3;

/** A parameter that the study leaves as it is, and why. */
export interface NotTuned {
  readonly name: string;
  readonly why: string;
}

interface Weight {
  readonly kind: 'weight';
  readonly member: number;
  readonly expression: Expression;
}

type Role = Weight | { readonly kind: 'parameter'; readonly parameter: keyof RuleParameters };

/** What is tuned and what not. */
export class TuningSpace {
  readonly ranges: readonly SearchRange[];
  /** Where the profile lies in it, or as near to it as the ranges allow. */
  readonly begin: Point;
  readonly notTuned: readonly NotTuned[];
  readonly #base: Scoring;
  readonly #roles: readonly Role[];

  /**
   * `base` is what the profile scores with in the study, `items` all pictures of it. Tuned are the weights of every expression that two
   * members or more have values for, and the parameters that active rules use.
   *
   * Weights are searched as published: v for each member m and expression e, log-uniform in 0.001…3; the weight is then
   * exp v(m, e) / Σ exp v(k, e) over the members k that have values for e. So one member weighs at most e³ ≈ 20 times as much as another,
   * and a member is never left out.
   */
  constructor(base: Scoring, { members }: Profile, items: readonly TuningItem[]) {
    const notTuned: NotTuned[] = [];
    const roles: { readonly role: Role; readonly range: SearchRange; readonly begin: number }[] = [];
    const isMeasured = measuredBy(members.length, items);
    EXPRESSIONS.forEach((expression, e) => {
      const own = members.flatMap(({ model }, member) => (isMeasured[member][e] ? [{ model, member }] : []));
      const isOff = expression === 'contempt' && !base.contempt;
      if (own.length < 2 || isOff) {
        const why = isOff ? 'contempt does not count' : 'fewer than two members measure it';
        notTuned.push(...own.map(({ model }) => ({ name: `weight ${model} ${expression}`, why })));
        return;
      }
      const begins = searched(own.map(({ member }) => base.members[member].weights[expression]));
      own.forEach(({ model, member }, i) => {
        const bounds = { least: LEAST_WEIGHT, most: MOST_WEIGHT, scale: 'log' } as const;
        roles.push({
          role: { kind: 'weight', member, expression },
          range: { name: `weight ${model} ${expression}`, ...bounds },
          begin: begins[i],
        });
      });
    });
    const hasShapes = items.some(({ views }) => views.some(({ shape }) => shape !== null));
    const used = new Set(usedParameters(base, hasShapes));
    for (const [name, { least, most }] of Object.entries(RULE_PARAMETERS)) {
      const parameter = name as keyof RuleParameters;
      if (used.has(parameter)) {
        roles.push({
          role: { kind: 'parameter', parameter },
          range: { name, least, most, scale: 'linear' },
          begin: base.rules.parameters[parameter],
        });
      } else notTuned.push({ name, why: 'no rule that can fire uses it' });
    }
    this.#base = base;
    this.#roles = roles.map(({ role }) => role);
    this.ranges = roles.map(({ range }) => range);
    this.begin = roles.map(({ begin }) => begin);
    this.notTuned = notTuned;
  }

  /** The scoring that a point means. */
  scoringAt(point: Point): Scoring {
    const values = new Map<Expression, { readonly member: number; readonly value: number }[]>();
    const parameters = { ...this.#base.rules.parameters };
    this.#roles.forEach((role, i) => {
      if (role.kind === 'parameter') parameters[role.parameter] = point[i];
      else {
        const known = values.get(role.expression) ?? [];
        values.set(role.expression, [...known, { member: role.member, value: point[i] }]);
      }
    });
    const weights = this.#base.members.map((member): Record<Expression, number> => ({ ...member.weights }));
    for (const [expression, own] of values) {
      const shares = softmax(own.map(({ value }) => value));
      own.forEach(({ member }, i) => (weights[member][expression] = shares[i]));
    }
    return {
      ...this.#base,
      members: this.#base.members.map((member, i) => ({ ...member, weights: weights[i] })),
      rules: { ...this.#base.rules, parameters },
    };
  }
}

/** For each member which expressions it has values for in some picture. */
function measuredBy(members: number, items: readonly TuningItem[]): boolean[][] {
  const isMeasured = Array.from({ length: members }, () => EXPRESSIONS.map(() => false));
  for (const { views } of items)
    for (const view of views)
      view.members.forEach((values, member) =>
        values?.forEach((value, e) => {
          if (!Number.isNaN(value)) isMeasured[member][e] = true;
        }),
      );
  return isMeasured;
}

/**
 * Of rules that can fire: some look at faces, which needs `hasShapes`, and keeping a smile means something only where the majority may
 * move it.
 */
export function usedParameters(
  { rules, override }: Pick<Scoring, 'rules' | 'override'>,
  hasShapes: boolean,
): (keyof RuleParameters)[] {
  const active = rules.active.filter((name) => override || name !== 'smile_kept');
  return parametersOf(new Set(active), hasShapes);
}

/** Values whose softmax is in proportion to the weights, the least at the lower bound; weights too far apart are brought nearer. */
function searched(weights: readonly number[]): number[] {
  const logs = weights.map((weight) => Math.log(weight)); // −∞ for 0
  const most = Math.max(...logs);
  if (most === -Infinity) return weights.map(() => LEAST_WEIGHT);
  const least = Math.max(Math.min(...logs), most - (MOST_WEIGHT - LEAST_WEIGHT));
  return logs.map((log) => LEAST_WEIGHT + Math.max(0, log - least));
}
