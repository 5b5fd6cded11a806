// What is to be said of the video of a session: for the sidecar as facts, for the report in words.
import type { VideoRemoval } from '../contract/video.ts';
import { VIDEO_LIMIT } from '../contract/words.ts';
import type { StoredSession } from '../engine/ports.ts';

const REMOVED: Readonly<Record<VideoRemoval, string>> = {
  withdrawn: 'consent to it was withdrawn',
  erased: 'somebody who took part was erased',
  empty: 'it ended before the first picture was written',
};

type Filmed = Pick<StoredSession, 'setup' | 'video' | 'rescored'>;

const ELSEWHERE = 'The video, where one was kept, is in the session that this one was scored from.';

/** The part of the sidecar. */
export function videoFacts({ setup, video, rescored }: Filmed): Record<string, unknown> {
  if (video === null && rescored) return { kept: false, meaning: ELSEWHERE };
  if (video === null) return { kept: false, wanted: setup?.keeps === 'video' };
  if (video.state === 'removed') return { kept: false, wanted: true, removed_because: REMOVED[video.reason] };
  if (video.state === 'unfinished') return { kept: true, unfinished: true, limit: VIDEO_LIMIT };
  const { codec, width, height, frames, leftOut, masked, bytes } = video;
  return {
    ...{ kept: true, codec, width, height, frames, bytes },
    frames_left_out: leftOut,
    frames_with_masked_faces: masked,
    times: 'presentation time is t_s in whole milliseconds; where nothing was recorded, time jumps',
    limit: VIDEO_LIMIT,
  };
}

/** A paragraph. */
export function videoWords({ setup, video, rescored }: Filmed): string {
  if (video === null && rescored) return ELSEWHERE;
  if (video === null)
    return setup?.keeps === 'video' ? 'No video was kept, although one was to be.' : 'No video was kept.';
  if (video.state === 'removed') return `The video was removed: ${REMOVED[video.reason]}.`;
  if (video.state === 'unfinished') return `A video was kept, which broke off. ${VIDEO_LIMIT}`;
  const { codec, width, height, frames, leftOut, masked } = video;
  const left = leftOut ? `, ${leftOut} left out because the machine was too slow` : '';
  const grey = masked === null ? '' : ` In ${masked} frames faces were painted grey.`;
  return `A video was kept (${codec}, ${width} × ${height}, ${frames} frames${left}; no sound).${grey} ${VIDEO_LIMIT}`;
}
