// What the files say of corrections by hand, and of a part of a session.
import { describeEdit } from '../contract/edits.ts';
import type { AppliedEdit } from '../core/edits.ts';
import type { ExportContext } from '../engine/ports.ts';
import { assignedWords } from './live-facts.ts';

const seconds = (value: number): string => `${value.toFixed(2)} s`;

const counts = ({ undone, ignored }: AppliedEdit): boolean => !undone && ignored === null;

/** Each correction that counts, in order: what it does, who made it, when and why. */
export function editsByHand({ edits }: Pick<ExportContext, 'edits'>): Record<string, string>[] {
  return edits.filter(counts).map((edit) => ({
    what: describeEdit(edit, seconds),
    who: edit.who,
    when: new Date(edit.unixMs).toISOString(),
    why: edit.why,
  }));
}

/** The same as sentences. */
export function byHandWords({ edits, span, session, notes }: ExportContext): string {
  const done = editsByHand({ edits }).map(({ what, who, why }) => {
    const more = [who && `by ${who}`, why].filter(Boolean).join(': ');
    return more ? `${what} (${more})` : what;
  });
  const assigned = assignedWords(notes);
  const edited = [
    ...(assigned ? [done.length > 0 ? `${assigned}.` : `${assigned}; nothing else was edited.`] : []),
    ...(done.length > 0 ? [`Edited by hand: ${done.join('; ')}.`] : []),
  ].join(' ');
  const words = edited || 'Nothing was edited by hand.';
  if (!span) return words;
  const isTimed = session.source.kind !== 'pictures';
  const part = isTimed ? `${seconds(span.fromSeconds)} to ${seconds(span.toSeconds)}` : pictures(span);
  return `${words} Only rows from ${part} were written.`;
}

const pictures = ({ fromSeconds, toSeconds }: NonNullable<ExportContext['span']>): string =>
  `picture ${Math.ceil(fromSeconds)} to picture ${Math.ceil(toSeconds) - 1}`;
