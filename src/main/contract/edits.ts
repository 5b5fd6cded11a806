// Corrections by hand as a window asks for them and is told of them, and their words, which the files share.
import { z } from 'zod';
import { LEAST_BASELINE_ROWS } from '../core/baseline.ts';
import { IGNORED_REASONS, type AppliedEdit, type BaselineChange, type IgnoredReason } from '../core/edits.ts';
import { sessionMarker } from './live.ts';

const person = z.int().min(1);
const label = z
  .string()
  .trim()
  .regex(/^[\p{L}\p{M}\p{N}][\p{L}\p{M}\p{N} ._-]{0,39}$/u, 'must be letters, digits, spaces, dots and dashes');
const markerLabel = z.string().trim().min(1).max(200);
const rename = z.strictObject({ kind: z.literal('rename'), person, label });
const merge = z.strictObject({ kind: z.literal('merge'), person, into: person });
const removeMarker = z.strictObject({ kind: z.literal('remove_marker'), marker: z.string() });

/** What is asked for. Times are seconds on the session's clock; pictures are counted instead. */
export const askedChange = z.discriminatedUnion('kind', [
  rename,
  merge,
  z.strictObject({ kind: z.literal('split'), person, fromSeconds: z.number() }),
  /** The end is not included. */
  z.strictObject({ kind: z.literal('baseline'), person, fromSeconds: z.number(), toSeconds: z.number() }),
  z.strictObject({ kind: z.literal('add_marker'), seconds: z.number(), label: markerLabel }),
  z.strictObject({
    kind: z.literal('change_marker'),
    marker: z.string(),
    seconds: z.number(),
    label: markerLabel,
  }),
  removeMarker,
]);
export type AskedChange = z.infer<typeof askedChange>;

/** Who corrects, and why: a code rather than a name; either may be empty. */
export const editWords = { who: z.string().trim().max(80), why: z.string().trim().max(500) };

/** A correction as it is stored, and what has become of it; see core/edits.ts. */
export const sessionEdit = z.strictObject({
  number: z.int().min(1),
  unixMs: z.number(),
  change: z.discriminatedUnion('kind', [
    rename,
    merge,
    z.strictObject({
      kind: z.literal('split'),
      person,
      fromSequence: z.int(),
      fromMs: z.number().nullable(),
      becomes: person,
    }),
    z.strictObject({
      kind: z.literal('baseline'),
      person,
      firstSequence: z.int(),
      lastSequence: z.int(),
      fromMs: z.number().nullable(),
      toMs: z.number().nullable(),
    }),
    z.strictObject({ kind: z.literal('add_marker'), timeMs: z.number(), label: z.string() }),
    z.strictObject({
      kind: z.literal('change_marker'),
      marker: z.string(),
      timeMs: z.number(),
      label: z.string(),
    }),
    removeMarker,
  ]),
  ...editWords,
  undone: z.boolean(),
  ignored: z.enum(IGNORED_REASONS).nullable(),
  before: sessionMarker.nullable(),
});
export type SessionEdit = z.infer<typeof sessionEdit>;

export const IGNORED_WORDS: Readonly<Record<IgnoredReason, string>> = {
  person_gone: 'The person is not there any more.',
  same_person: 'A person cannot be merged with herself or himself.',
  one_side_empty: 'The person is not seen both before and after that moment.',
  label_taken: 'Somebody else is called so already, or it looks like a number of a person.',
  too_few_valid: `Fewer than ${LEAST_BASELINE_ROWS} rows of the person are valid in the span.`,
  replaced: 'Another baseline of the person stands in its place.',
  marker_gone: 'The marker is not there any more.',
};

/** "0:05.00 to 0:20.00", or of pictures their numbers, both included. `clock` writes seconds. */
export function stretchWords(
  { fromMs, toMs, firstSequence, lastSequence }: Omit<BaselineChange, 'kind' | 'person'>,
  clock: (seconds: number) => string,
): string {
  if (fromMs === null || toMs === null) return `picture ${firstSequence} to picture ${lastSequence}`;
  return `${clock(fromMs / 1000)} to ${clock(toMs / 1000)}`;
}

/** What a correction does, in words without a full stop. `clock` writes seconds. */
export function describeEdit(
  { change, before }: Pick<AppliedEdit, 'change' | 'before'>,
  clock: (seconds: number) => string,
): string {
  const at = (timeMs: number): string => clock(timeMs / 1000);
  const old = before ? `“${before.label}” at ${at(before.timeMs)}` : '';
  switch (change.kind) {
    case 'rename':
      return `P${change.person} is called “${change.label}”`;
    case 'merge':
      return `All rows of P${change.person} count as P${change.into}’s`;
    case 'split': {
      const from = change.fromMs === null ? `picture ${change.fromSequence}` : at(change.fromMs);
      return `From ${from} on, P${change.person} is somebody new, P${change.becomes}`;
    }
    case 'baseline':
      return `P${change.person}’s neutral baseline is ${stretchWords(change, clock)}`;
    case 'add_marker':
      return `Marker “${change.label}” added at ${at(change.timeMs)}`;
    case 'change_marker':
      return `Marker ${old} became “${change.label}” at ${at(change.timeMs)}`;
    case 'remove_marker':
      return `Marker ${old} removed`;
  }
}
