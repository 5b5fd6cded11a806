// What the program remembers of how somebody likes to work, for all windows on one data folder.
import { z } from 'zod';
import { DEFAULT_PROFILE, profileName } from './profiles.ts';

export const APPEARANCES = ['system', 'light', 'dark'] as const;
export type Appearance = (typeof APPEARANCES)[number];

/** As many as there are keys for. */
export const MOST_MARKER_LABELS = 9;

/** The longest interval of a summary: a day. */
export const LONGEST_INTERVAL_SECONDS = 86_400;

/** A hundred years: whoever wants to keep longer plans nothing. */
export const LONGEST_RETENTION_DAYS = 36_500;

export const settings = z.strictObject({
  /** Where exports go unless the user says otherwise, a whole path; null for the usual folder. */
  exportFolder: z.string().min(1).max(4096).nullable(),
  /** Length of the intervals of the summary. */
  intervalSeconds: z.number().positive().max(LONGEST_INTERVAL_SECONDS),
  /** Whether the values of rows that are not valid are exported too. */
  keepInvalid: z.boolean(),
  /** What the keys 1 to 9 mark, in their order. */
  markerLabels: z.array(z.string().trim().min(1).max(200)).max(MOST_MARKER_LABELS),
  /** How long sessions are meant to be kept; older ones are pointed out, and never erased for it. Null for no plan. */
  retentionDays: z.int().min(1).max(LONGEST_RETENTION_DAYS).nullable(),
  /** What recordings and analyses are scored with unless the user says otherwise. */
  profile: profileName,
  appearance: z.enum(APPEARANCES),
  hasSeenIntroduction: z.boolean(),
});
export type Settings = z.infer<typeof settings>;

export const DEFAULT_SETTINGS: Settings = {
  exportFolder: null,
  intervalSeconds: 10,
  keepInvalid: false,
  markerLabels: ['Start', 'End'],
  retentionDays: null,
  profile: DEFAULT_PROFILE,
  appearance: 'system',
  hasSeenIntroduction: false,
};

/** The settings as a window gets them. */
export const knownSettings = z.strictObject({
  values: settings,
  /** What was wrong with the file of the settings since Mien was started; null when nothing was. */
  problem: z.strictObject({ message: z.string(), remedy: z.string() }).nullable(),
});
export type KnownSettings = z.infer<typeof knownSettings>;
