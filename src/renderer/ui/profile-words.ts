// The texts of profiles and of scoring again; words.ts has all others.
export const PROFILE_WORDS = {
  title: 'Profile',
  help: 'What faces are scored with: models, weights, limits and windows.',
  only: (name: string): string => `Faces are scored with the profile “${name}”.`,
  own: 'Profiles of your own are .json files in the folder “profiles” of the data folder (Settings, Folders).',
  broken: 'These profiles cannot be used:',
  defaultTitle: 'Profile of recordings and analyses',
  defaultHelp: 'What each begins with; each can have another one.',
  again: 'Score again',
  againTitle: (code: string): string => `Score ${code} again`,
  againHelp:
    'A new session is made of the stored outputs of the models, which are fused, judged and smoothed by the profile that you choose. No picture is needed. People, consents, markers, corrections and notes are taken over; this session stays as it is.',
  progress: (done: string, all: string): string => `${done} of ${all} frames`,
  from: 'scored again from',
  gone: 'a session that is gone',
} as const;
