export function asksForBrowser(words: readonly string[]): boolean;

export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: string;
  readonly isRoot: boolean;
  /** Of the package "electron". */
  readonly folder: string;
  readonly fetch: () => void;
  readonly say: (sentence: string) => void;
}
export function findElectron(surroundings: Surroundings): string | null;

export interface End {
  readonly code: number | null;
  readonly signal: string | null;
  readonly afterMs: number;
}
export function couldNotRun(end: End): boolean;
