// How values become text: numbers exactly, missing values empty, and nothing that a spreadsheet would run.

/** A number that keeps all the digits of double precision, such as a time. */
export interface Exact {
  readonly exact: number;
}

/** A value of a table; null and NaN are missing. */
export type Cell = string | number | boolean | null | Exact;

/**
 * The shortest text that reads back as the same number. Values that were stored in single precision are written with the
 * digits of single precision.
 */
export function numberText(value: number): string {
  if (Math.fround(value) !== value || Number.isInteger(value)) return String(value);
  for (let digits = 6; digits < 9; digits++) {
    const text = Number(value.toPrecision(digits));
    if (Math.fround(text) === value) return String(text);
  }
  return String(Number(value.toPrecision(9)));
}

/** A cell of a CSV file (RFC 4180). Text that a spreadsheet would take for a formula gets an apostrophe in front. */
export function csvCell(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'boolean') return cell ? '1' : '0';
  if (typeof cell === 'number') return Number.isNaN(cell) ? '' : numberText(cell);
  if (typeof cell === 'object') return Number.isNaN(cell.exact) ? '' : String(cell.exact);
  const text = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\n\r]|^'/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function csvLine(cells: readonly Cell[]): string {
  return `${cells.map(csvCell).join(',')}\n`;
}

/** A number for JSON: single precision digits, null for a missing one. */
export function jsonNumber(value: number): number | null {
  return Number.isFinite(value) ? Number(numberText(value)) : null;
}
