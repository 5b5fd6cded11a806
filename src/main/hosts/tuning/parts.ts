// Which pictures a study sees, and which only the figures at the end.
import { createHash } from 'node:crypto';
import { MienError } from '../../contract/errors.ts';
import type { Dataset, LabelledPicture } from '../../engine/dataset.ts';
import { openDataset, type DatasetOptions } from '../../sources/dataset.ts';

/** Names of splits, as data sets use them. */
const VALIDATION = /^(validation|valid|val|dev|publictest)$/i;
const TEST = /^(test|privatetest)$/i;

export interface PartsOptions extends Omit<DatasetOptions, 'split'> {
  /** The split that the study sees; null to find one by its name. */
  readonly split: string | null;
  /** The split that it never sees; null for halves of the other one. */
  readonly testSplit: string | null;
  /** Whether the study sees the other half. */
  readonly isSwapped: boolean;
}

/** Pictures to look at, and how they will be parted. */
export interface Parts {
  readonly dataset: string;
  readonly pictures: readonly LabelledPicture[];
  readonly validation: string | null;
  readonly test: string | null;
  readonly partedBy: 'splits' | 'halves';
  readonly leftOut: Dataset['leftOut'];
  /** Whether the study sees a picture, by its place. To be asked when every picture was read: halves go by what is in them. */
  readonly isSeen: (index: number) => boolean;
}

/**
 * Opens the parts of a data set. With two splits the study sees the one and the figures at the end are of the other. Without, there are
 * halves by the last bit of the sha1 of the subject's name, where it is known, else of the picture's pixels: so whoever is in a picture
 * is on one side only, and so is a picture that occurs twice. Throws what openDataset throws, and usage where there are splits and
 * nobody says which: the members may have been trained on some of them.
 */
export async function openParts(path: string, options: PartsOptions): Promise<Parts> {
  const { split, testSplit, isSwapped, ...others } = options;
  if (split === null && testSplit !== null)
    throw new MienError('usage', 'Only the split for the test is named.', 'Name the other one with --split.');
  if (split !== null && split === testSplit)
    throw new MienError('usage', `The split "${split}" cannot be both.`, 'Name another one with --test-split.');
  const open = (name: string | null): Promise<Dataset> => openDataset(path, { ...others, split: name });
  const whole = split === null ? await open(null) : null;
  const chosen = whole ? chosenSplits(whole.splits) : { validation: split, test: testSplit };
  const first = whole && chosen.validation === null ? whole : await open(chosen.validation);
  if (chosen.test === null) {
    const read = first.pictures.map(hashed);
    return {
      ...{ dataset: first.name, pictures: read.map(({ picture }) => picture), ...chosen, partedBy: 'halves' },
      leftOut: first.leftOut,
      isSeen: (index) => read[index].isOdd() === isSwapped,
    };
  }
  const second = await open(chosen.test);
  return {
    ...{ dataset: first.name, pictures: [...first.pictures, ...second.pictures], ...chosen, partedBy: 'splits' },
    leftOut: bothLeftOut(first.leftOut, second.leftOut),
    isSeen: (index) => index < first.pictures.length,
  };
}

function bothLeftOut(first: Dataset['leftOut'], second: Dataset['leftOut']): Dataset['leftOut'] {
  const unknownLabels: Record<string, number> = { ...first.unknownLabels };
  for (const [label, count] of Object.entries(second.unknownLabels))
    unknownLabels[label] = (unknownLabels[label] ?? 0) + count;
  return { duplicates: first.duplicates + second.duplicates, unknownLabels };
}

function chosenSplits(splits: readonly string[]): { readonly validation: string | null; readonly test: string | null } {
  if (splits.length === 0) return { validation: null, test: null };
  const [validation, test] = [VALIDATION, TEST].map((name) => splits.filter((split) => name.test(split)));
  if (validation.length === 1 && test.length === 1) return { validation: validation[0], test: test[0] };
  const message = `The data set has the splits ${splits.join(', ')}, and it is not clear which ones to use.`;
  const remedy = 'Say with --split what the study may see; with --test-split what it may not, else half of it is kept.';
  throw new MienError('usage', message, `${remedy} Never give it what a member was trained on.`);
}

/** A picture that remembers the last bit of its hash when it was read. */
function hashed(picture: LabelledPicture): { readonly picture: LabelledPicture; isOdd(): boolean } {
  const lastBit = (content: string | Uint8Array): boolean =>
    (createHash('sha1').update(content).digest().at(-1) ?? 0) % 2 === 1;
  let bit = picture.subject === null ? null : lastBit(picture.subject);
  const read: LabelledPicture['read'] = async () => {
    const still = await picture.read();
    bit ??= lastBit(still.bytes);
    return still;
  };
  return {
    picture: { ...picture, read },
    isOdd: () => {
      if (bit === null) throw new Error(`the picture ${picture.name} was not read`);
      return bit;
    },
  };
}
