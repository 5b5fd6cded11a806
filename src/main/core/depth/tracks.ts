// What depth says of every face that is followed.
import type { Frame } from '../frame.ts';
import type { Box } from '../geometry.ts';
import type { FaceDepth } from '../record.ts';
import { TrackDepth } from './average.ts';
import { measureFace } from './measure.ts';
import { isRejection, type DepthVerdict } from './verdict.ts';

interface Followed {
  readonly depth: TrackDepth;
  verdict: DepthVerdict;
}

export class TrackDepths {
  #tracks = new Map<number, Followed>();

  /** The depth of each face; boxes in pixels of the frame. Null for each where the frame has none. */
  read(frame: Frame, faces: readonly { readonly track: number; readonly box: Box }[]): (FaceDepth | null)[] {
    const { depth: map } = frame;
    const before = this.#tracks;
    this.#tracks = new Map();
    return faces.map(({ track, box }) => {
      const followed = before.get(track) ?? { depth: new TrackDepth(), verdict: 'unknown' as const };
      this.#tracks.set(track, followed);
      if (!map) return null;
      const scale = map.width / frame.width;
      const inDepth = { x: scale * box.x, y: scale * box.y, width: scale * box.width, height: scale * box.height };
      const now = measureFace(map, inDepth);
      const verdict = followed.depth.add(now);
      // What was once flat is not a person because depth cannot tell for a while.
      if (verdict !== 'unknown' || !isRejection(followed.verdict)) followed.verdict = verdict;
      return { verdict: followed.verdict, distanceMm: now?.distanceMm ?? NaN, widthMm: now?.widthMm ?? NaN };
    });
  }
}
