// What the researcher is about to correct of a person.
import type { PersonFigures } from '../../../main/contract/api.ts';
import type { AskedChange } from '../../../main/contract/edits.ts';
import type { Span } from '../../state/span.ts';
import { BASELINE_WORDS } from '../../ui/baseline-words.ts';
import { EDIT_WORDS } from '../../ui/words.ts';
import { nameOf } from './names.ts';

export interface Correction {
  readonly kind: 'rename' | 'merge' | 'split' | 'baseline';
  readonly person: PersonFigures;
}

/** What the dialog asks for; what does not belong to the kind is not looked at. */
export interface Choice {
  readonly label: string;
  readonly into: PersonFigures | undefined;
  readonly fromSeconds: number | null;
  /** The selected span. */
  readonly span: Span | null;
}

/** The change that is asked for; null while something is missing. */
export function changeOf({ kind, person: { number } }: Correction, choice: Choice): AskedChange | null {
  const label = choice.label.trim();
  if (kind === 'rename') return label ? { kind, person: number, label } : null;
  if (kind === 'merge') return choice.into ? { kind, person: number, into: choice.into.number } : null;
  if (kind === 'baseline') return choice.span && { kind, person: number, ...choice.span };
  return choice.fromSeconds === null ? null : { kind, person: number, fromSeconds: choice.fromSeconds };
}

/** What will happen, in a plain sentence. `at` writes a time, `spanWords` are those of the selected span. */
export function sentenceOf(
  { kind, person }: Correction,
  choice: Choice,
  at: (seconds: number) => string,
  spanWords: string,
): string {
  const who = nameOf(person);
  if (kind === 'rename') return EDIT_WORDS.willRename(person.id, choice.label.trim());
  if (kind === 'split') return EDIT_WORDS.willSplit(who, at(choice.fromSeconds ?? NaN));
  if (kind === 'baseline') return BASELINE_WORDS.will(who, spanWords);
  return choice.into ? EDIT_WORDS.willMerge(who, nameOf(choice.into)) : '';
}
