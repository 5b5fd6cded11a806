// Members that take long run side by side, in two threads: each has half of the work, and a face waits for the slower half only.
import { packAnswers, unpackAnswers } from './packing.ts';
import type { FrameAnswer, ModelMessage } from './protocol.ts';

/** Smaller ensembles are done sooner than a second thread would be woken. */
const WORTH_TWO_THREADS = 16 * 2 ** 20;

/** What is known of a member before its network is loaded. */
type Member = Pick<ModelMessage, 'bytes'> & { readonly entry: Pick<ModelMessage['entry'], 'file'> };

/**
 * The members in one group, or in two whose files are about equally long: the length of a file is nearly what its network has to
 * multiply. The order stays. Members of one file count as one and stay together, because one thread runs their network once; where they
 * stand so that every cut would part some, there is one group.
 */
export function sharedOut<Own extends Member>(members: readonly Own[]): Own[][] {
  const filesOf = (part: readonly Own[]): Map<string, number> =>
    new Map(part.map(({ entry, bytes }) => [entry.file, bytes.length]));
  const lengthOf = (part: readonly Own[]): number =>
    [...filesOf(part).values()].reduce((sum, length) => sum + length, 0);
  const cuts = members.slice(1).map((_, i) => [members.slice(0, i + 1), members.slice(i + 1)]);
  const halves = cuts.filter(([first, second]) => {
    const files = filesOf(second);
    return !first.some(({ entry }) => files.has(entry.file));
  });
  if (halves.length === 0 || lengthOf(members) < WORTH_TWO_THREADS) return [[...members]];
  const longer = ([first, second]: Own[][]): number => Math.max(lengthOf(first), lengthOf(second));
  return halves.reduce((best, pair) => (longer(pair) < longer(best) ? pair : best));
}

/** One answer of those of several groups about the same frame: the members come in the order of the groups. */
export function joinAnswers(parts: readonly FrameAnswer[]): FrameAnswer {
  const [first] = parts;
  if (parts.length === 1) return first;
  const faces = first.faces.filter(({ isAnalysed }) => isAnalysed).length;
  const answers = parts.map((part) => unpackAnswers(part.answers, faces));
  return {
    ...first,
    answers: packAnswers(Array.from({ length: faces }, (_, face) => answers.flatMap((part) => part[face]))),
    inputs: first.inputs.map(({ segment }, i) => ({ segment, inputs: parts.flatMap((part) => part.inputs[i].inputs) })),
    problems: parts.flatMap(({ problems }) => problems),
  };
}
