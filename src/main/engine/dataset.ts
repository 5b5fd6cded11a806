// Pictures with labels, for measuring how good the estimates are.
import type { Probabilities } from '../core/expression.ts';

/** Pixels of a picture: one byte each for gray, four for rgba, row by row without gaps. */
export interface Still {
  readonly width: number;
  readonly height: number;
  readonly format: 'gray' | 'rgba';
  readonly bytes: Uint8Array;
}

/** A picture of one face and what somebody says it shows. */
export interface LabelledPicture {
  /** Unique in its data set. */
  readonly name: string;
  /** Index in EXPRESSIONS. */
  readonly label: number;
  /** Shares of those who were asked, where the data set has votes. */
  readonly votes: Probabilities | null;
  readonly split: string | null;
  /** Who is in the picture, where that is known. */
  readonly subject: string | null;
  /** Throws input_unreadable. */
  read(): Promise<Still>;
}

export interface Dataset {
  readonly name: string;
  readonly pictures: readonly LabelledPicture[];
  /** Splits that the data set has, the chosen one too; empty where it has none. */
  readonly splits: readonly string[];
  readonly leftOut: {
    /** Pictures that also occur in another split, pixel for pixel or byte for byte. */
    readonly duplicates: number;
    /** Pictures whose label is no expression, by label. */
    readonly unknownLabels: Readonly<Record<string, number>>;
  };
}
