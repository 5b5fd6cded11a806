// Errors that a person reads: what is wrong, and what to do about it. Inside the program errors keep their stack; at a border
// only these two sentences are shown.

export type ErrorCode =
  | 'usage' // the command or a file written by the user says something that cannot be meant
  | 'input_missing'
  | 'input_unreadable'
  | 'input_unsupported'
  | 'input_empty'
  | 'model_missing'
  | 'model_damaged'
  | 'device_missing'
  | 'device_busy'
  | 'session_unknown'
  | 'participant_unknown'
  | 'no_consent' // it would need an agreement that nobody has given
  | 'store_busy'
  | 'store_unusable'
  | 'output_unwritable'
  | 'interrupted'
  | 'internal';

/** An expected failure. `message` and `remedy` are whole sentences for the user, on one line each, without jargon. */
export class MienError extends Error {
  readonly code: ErrorCode;
  readonly remedy: string;

  constructor(code: ErrorCode, message: string, remedy: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = 'MienError';
    this.code = code;
    this.remedy = remedy;
  }
}

/** What crosses a border instead of an Error. */
export interface ErrorReport {
  readonly code: ErrorCode;
  readonly message: string;
  readonly remedy: string;
}

/** Anything that was thrown, as a report; what nobody expected is called internal. */
export function reportOf(error: unknown): ErrorReport {
  if (error instanceof MienError) return { code: error.code, message: error.message, remedy: error.remedy };
  const text = error instanceof Error ? error.message : String(error);
  const [line = 'Something went wrong.'] = text.split('\n');
  return {
    code: 'internal',
    message: line,
    remedy: 'This is a fault in Mien. Run the command again with --verbose and report what it prints.',
  };
}

/** Whatever was thrown, as an Error. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

export function errorOf(report: ErrorReport): MienError {
  return new MienError(report.code, report.message, report.remedy);
}
