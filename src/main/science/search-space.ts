// What a study may try: numbers between two bounds. Studies look at them on a scale of 0…1, on which every value is as likely at first.

/** A number to search for, between `least` and `most`. On a log scale every factor is as likely as every other; bounds are above 0 then. */
export interface SearchRange {
  readonly name: string;
  readonly least: number;
  readonly most: number;
  readonly scale: 'linear' | 'log';
}

export type SearchSpace = readonly SearchRange[];

/** One value for each range, in the order of the space. */
export type Point = readonly number[];

/** Throws RangeError for a space in which nothing can be searched: without ranges, with two of one name, or with bounds that make no sense. */
export function checkSpace(space: SearchSpace): void {
  if (space.length === 0) throw new RangeError('there is nothing to search for');
  const names = new Set<string>();
  for (const { name, least, most, scale } of space) {
    if (names.has(name)) throw new RangeError(`there are two ranges called ${name}`);
    names.add(name);
    const isRange = Number.isFinite(least) && Number.isFinite(most) && least < most;
    if (!isRange || (scale === 'log' && !(least > 0)))
      throw new RangeError(`${name} cannot go from ${least} to ${most} on a ${scale} scale`);
  }
}

/** Where a value lies in its range, 0…1; one outside counts as the bound. */
export function toUnit({ least, most, scale }: SearchRange, value: number): number {
  const unit = scale === 'log' ? Math.log(value / least) / Math.log(most / least) : (value - least) / (most - least);
  return Math.min(1, Math.max(0, unit));
}

/** The value at a place 0…1 of a range; rounding never takes it over a bound. */
export function fromUnit({ least, most, scale }: SearchRange, unit: number): number {
  const value = scale === 'log' ? least * (most / least) ** unit : least + (most - least) * unit;
  return Math.min(most, Math.max(least, value));
}
