// Where other people are: a face that is near somebody may be confused with them.
import type { FaceInView } from './candidates.ts';
import { centerDistance } from './geometry.ts';
import type { KnownPerson } from './persons.ts';

/** A face is near another one within so many widths, and for so many frames after it was there. */
const NEAR_WIDTHS = 2;
const NEAR_FRAMES = 15;

/**
 * Whether one of the `others` in frame `sequence`, or somebody of `persons` a moment ago, is where the face is. `own` is the number of the
 * person that the face belongs to, if it belongs to anybody.
 */
export function isNearAnother(
  sequence: number,
  face: FaceInView,
  others: readonly FaceInView[],
  own: number | null,
  persons: readonly KnownPerson[],
): boolean {
  const lately = persons.filter(({ id, segments }) => {
    const last = segments.at(-1);
    return id !== own && last !== undefined && sequence - last.lastSequence <= NEAR_FRAMES;
  });
  const boxes = others.flatMap((other) => (other === face ? [] : [other.box]));
  for (const { lastBox } of lately) if (lastBox) boxes.push(lastBox);
  return boxes.some((box) => centerDistance(box, face.box) < NEAR_WIDTHS * Math.max(box.width, face.box.width));
}
