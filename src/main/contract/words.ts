// Words that the window and the files share.
import type { Scope } from './consent.ts';
import type { DepthVerdict } from '../core/depth/verdict.ts';
import type { Expression } from '../core/expression.ts';
import type { MissingReason } from '../core/record.ts';

export const EXPRESSION_WORDS: Readonly<Record<Expression, string>> = {
  anger: 'Anger',
  contempt: 'Contempt',
  disgust: 'Disgust',
  fear: 'Fear',
  happiness: 'Happiness',
  neutral: 'Neutral',
  sadness: 'Sadness',
  surprise: 'Surprise',
};

export const REASON_WORDS: Readonly<Record<MissingReason, string>> = {
  no_face: 'no face',
  not_searched: 'not searched for',
  dropped: 'frame lost',
  occluded: 'face hidden',
  too_small: 'too small',
  cut_off: 'cut off by the edge',
  too_dark: 'too dark',
  too_bright: 'too bright',
  blurred: 'blurred',
  extreme_pose: 'turned away',
  depth_rejected: 'not a real face',
  no_consent: 'no consent',
  identity_uncertain: 'not sure who it is',
  member_failed: 'a model failed',
  rejected: 'too unsure',
  paused: 'paused',
  source_gap: 'camera gone',
};

/** What depth says of a face. */
export const DEPTH_WORDS: Readonly<Record<DepthVerdict, string>> = {
  accept: 'a face',
  flat: 'flat',
  size: 'too large or too small',
  in_plane: 'part of a flat surface',
  unknown: 'depth cannot tell',
};

/** Kinds of consent. */
export const SCOPE_WORDS: Readonly<Record<Scope, string>> = {
  analysis: 'analysis',
  identification: 'recognition',
  video: 'video',
  sharing: 'sharing',
};

/** One line that stays in view wherever scores are. */
export const CAUTION = 'Scores say what the face looks like to the model, not what the person feels.';

/** For wherever people are side by side. */
export const NOT_CORRECTED = 'Scores are not corrected for differences of face, light and angle between people.';

/** Below this share of valid rows figures are flagged. */
export const LEAST_VALID_SHARE = 0.7;
export const LOW_VALID = 'Less than 70 % of the rows are valid: treat these figures with care.';

/** What a video may show all the same. */
export const VIDEO_LIMIT =
  'Faces of everybody else are painted grey where they are found; a face that is not found, such as one that has just come in, is not covered.';

/** What erasing somebody cannot reach. */
export const ERASURE_LIMIT =
  'Mien erases its own database and its own videos. Exported files, backups and other copies are out of its reach: delete them by hand.';
/** For somebody who is in videos. */
export const ERASURE_VIDEOS = (videos: string): string =>
  `Removed as a whole, whoever else is in it: ${videos}, of the sessions in which the person took part.`;
/** Faces that nobody could tell, and frames. */
export const ERASURE_KEEPS =
  'Frames stay, for they hold no person, and so do faces of which nobody knows whose they are, and all other people.';
/** Where the last step is still owed. */
export const NOT_OVERWRITTEN =
  'Everything is removed, but another program is in the way of overwriting the bytes, or the disk is full. It is done when Mien is started the next time.';
