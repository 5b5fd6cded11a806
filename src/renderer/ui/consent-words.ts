// The texts about consent that is taken back while recording, and about how long recordings may be kept.
import { passedWords } from '../../main/contract/retention.ts';
import type { Withdrawable } from '../../main/contract/withdrawal.ts';
import { counted } from './format.ts';

export const WITHDRAWAL_WORDS = {
  of: (code: string): string => `Withdraw consent of ${code}`,
  title: 'What is withdrawn',
  scopes: {
    everything: 'Everything',
    analysis: 'Analysis',
    identification: 'Recognition',
    video: 'Video',
    sharing: 'Sharing',
  } satisfies Record<Withdrawable, string>,
  effects: {
    everything: 'Nothing more of this person is computed or kept but a box.',
    analysis: 'No more scores: rows become “no consent” from now on. The person is still recognised.',
    identification:
      'Never recognised by looks again: the name stays with this face while it is followed. Who comes back is somebody new.',
    video: 'No more picture of this person is kept.',
    sharing: 'Scores are still recorded. All files say that they must not be passed on.',
  } satisfies Record<Withdrawable, string>,
  kept: 'It holds from now on and cannot be taken back in this recording. What was recorded stays until it is erased.',
  ended: 'It holds from now on and cannot be taken back here. The recording that has ended is covered too.',
  withdraw: 'Withdraw',
  whileRecording: 'while recording',
  withdrawn: (code: string, scopes: string): string => `${code}: ${scopes} withdrawn`,
} as const;

export const RETENTION_WORDS = {
  title: 'Kept for too long',
  help: 'The last day that was agreed on has passed. Nothing is erased by itself.',
  until: (day: string, days: number): string => `may be kept until ${day}; ${passedWords(days)}`,
  erase: (code: string): string => `Erase ${code} from all sessions …`,
  some: (count: number): string => `${counted(count, 'recording')} ${count === 1 ? 'is' : 'are'} kept for too long:`,
  show: 'see Participants',
  own: 'Last day for this participant',
  ownHelp: 'Where it is not that of the consent form, for example 2031-12-31.',
} as const;
