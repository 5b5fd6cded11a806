// The texts of video: when it is chosen, recorded, looked at and removed.
import { VIDEO_LIMIT } from '../../main/contract/words.ts';
import type { VideoRemoval } from '../../main/contract/video.ts';

export const VIDEO_WORDS = {
  /** Of the set-up. */
  choices: {
    features: 'Numbers only',
    video: 'Numbers and a video',
  },
  choiceHelp: {
    features:
      'Scores, boxes, landmarks, pose and quality of every frame. No picture and no sound is written. So nobody can check by eye later what the numbers say.',
    video: `The picture, without sound, is kept beside the numbers, so that the results can be checked by eye. Every participant must have agreed to it. ${VIDEO_LIMIT}`,
  },
  scope: 'Video: the picture is kept, where the study keeps one',
  notAgreed: (position: number): string =>
    `Participant ${position} has not agreed to video. Tick it if that is wrong, or keep numbers only.`,
  consequence: 'A video is kept. Faces of everybody else are grey in it, as far as they are found.',
  /** Of the recording. */
  live: {
    none: null,
    kept: 'A video is kept. Withdrawing the consent of anybody removes all of it.',
    failed: 'The video has ended because of a fault. The recording goes on without it.',
    discarded: 'The video was removed, because somebody has withdrawn consent. The recording goes on without it.',
  },
  withdrawAlso: 'The video of this recording is removed as a whole, at once.',
  /** Of the review. */
  title: 'Video',
  play: 'Play',
  pause: 'Pause',
  position: 'Position in the video',
  help: 'Space plays and pauses. A click on the timeline, or on the time of a marker, goes there.',
  limit: VIDEO_LIMIT,
  none: 'No video was kept, although one was to be: consent to it was withdrawn before it began, or it could not be begun.',
  notShown: 'The video cannot be shown. Open the session again; if that does not help, the file is damaged.',
  leftOut: (count: string): string => `Left out, because the machine was too slow: ${count}.`,
  brokenOff: 'The recording broke off: up to about a second is missing at the end of the video.',
  unfinished: 'The video broke off and could not be made ready; open the session again when there is room on the disk.',
  removed: {
    withdrawn: (when: string): string => `The video was removed ${when}, because consent to it was withdrawn.`,
    erased: (when: string): string => `The video was removed ${when}, because somebody who took part was erased.`,
    empty: () => 'There is no video: it ended before the first picture was written.',
  } satisfies Readonly<Record<VideoRemoval, (when: string) => string>>,
} as const;
