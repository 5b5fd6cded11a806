// The texts of a session that is being made ready.

export const PREPARING_WORDS = {
  preparing: 'Preparing the timeline',
  help: 'This is done once for a long session, and again when its people are corrected. You can leave this page: it goes on.',
} as const;
