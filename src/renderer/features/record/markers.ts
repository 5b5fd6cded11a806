// Labels of markers, as they are typed.
import { MOST_MARKER_LABELS } from '../../../main/contract/settings.ts';

/** "Start, End" means two labels. */
export const labelsIn = (text: string): string[] =>
  text
    .split(',')
    .map((label) => label.trim())
    .filter((label) => label !== '')
    .slice(0, MOST_MARKER_LABELS);
