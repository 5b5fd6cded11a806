import type { ErrorCode } from '../../contract/errors.ts';

/** What a shell expects of a program that was interrupted. */
export const EXIT_INTERRUPTED = 130;

/** 1 failed, 2 wrong usage, 3 input unusable, 4 a model or device is missing. */
export function exitCodeOf(code: ErrorCode): number {
  switch (code) {
    case 'usage':
    case 'session_unknown':
    case 'participant_unknown':
      return 2;
    case 'input_missing':
    case 'input_unreadable':
    case 'input_unsupported':
    case 'input_empty':
      return 3;
    case 'model_missing':
    case 'model_damaged':
    case 'device_missing':
      return 4;
    case 'interrupted':
      return EXIT_INTERRUPTED;
    default:
      return 1;
  }
}
