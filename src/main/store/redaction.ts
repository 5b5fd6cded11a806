// Finds a code in texts that people have written, and takes it out.

/** What stands where a code has stood. */
export const ERASED = 'erased';

const isSame = (p: string, q: string): boolean => p.toLowerCase() === q.toLowerCase();

export class Redaction {
  readonly #word: string;
  readonly #others: ReadonlySet<string>;
  readonly #pattern: RegExp;

  /**
   * `word` is looked for as a whole word, in large and small letters alike. `others` are codes of other people, which are not
   * touched: "A07-b" is none of A07, and "a07" neither where there is such a code.
   */
  constructor(word: string, others: readonly string[]) {
    this.#word = word;
    this.#others = new Set(others.filter((other) => other !== word));
    const longer = [...this.#others].filter((other) => other.toLowerCase().includes(word.toLowerCase()));
    const words = [...longer, word].sort((p, q) => q.length - p.length).map(escaped);
    this.#pattern = new RegExp(String.raw`(?<![\p{L}\p{N}])(?:${words.join('|')})(?![\p{L}\p{N}])`, 'giu');
  }

  isIn(text: string): boolean {
    return [...text.matchAll(this.#pattern)].some(([found]) => this.#isMeant(found));
  }

  /** Of a name, such as that of a file: the word is replaced. */
  ofName(text: string): string {
    return text.replace(this.#pattern, (found) => (this.#isMeant(found) ? ERASED : found));
  }

  /** Of what somebody has written about people: every line with the word goes as a whole. */
  ofProse(text: string): string {
    const lines = text.split('\n').map((line) => (this.isIn(line) ? ERASED : line));
    return lines.join('\n');
  }

  #isMeant(found: string): boolean {
    return isSame(found, this.#word) && !this.#others.has(found);
  }
}

const escaped = (word: string): string => word.replace(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
