// Corrections by hand as a window asks for them and is told of them, and their words, which the files share.
import { z } from 'zod';
import { IGNORED_REASONS, type AppliedEdit, type IgnoredReason } from '../core/edits.ts';
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
  marker_gone: 'The marker is not there any more.',
};

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
    case 'add_marker':
      return `Marker “${change.label}” added at ${at(change.timeMs)}`;
    case 'change_marker':
      return `Marker ${old} became “${change.label}” at ${at(change.timeMs)}`;
    case 'remove_marker':
      return `Marker ${old} removed`;
  }
}
