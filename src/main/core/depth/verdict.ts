// Whether depth says that the thing in a face's box is a face.
import type { Box } from '../geometry.ts';
import type { DepthMap } from './frame.ts';
import { measureFace, type DepthMeasure } from './measure.ts';

/**
 * - `accept`: round as a head is, of its size, and nothing goes on around it.
 * - `flat`, `size`, `in_plane`: no face, because it is not round, of no head's size, or a part of the plane around it.
 * - `unknown`: depth cannot tell, and colour alone counts. Missing depth is never a reason to reject.
 */
export type DepthVerdict = 'accept' | 'flat' | 'size' | 'in_plane' | 'unknown';

export interface DepthReading {
  readonly verdict: DepthVerdict;
  /** Null where there was too little depth to measure anything. */
  readonly measure: DepthMeasure | null;
}

export const isRejection = (verdict: DepthVerdict): boolean => verdict !== 'accept' && verdict !== 'unknown';

/** A box of which less has depth, and a face of fewer pixels or that fills less of its ellipse, is not judged. */
const LEAST_VALID = 0.5;
const LEAST_FACE = 0.35;
const LEAST_PIXELS = 40;
/** Narrower and wider no box of a head is, in mm. */
const WIDTH_MM = { least: 85, most: 290 };
const FILLED = 0.8;
/**
 * The sag of a photograph that is bent to a radius of 150 mm: 70² / (4 × 150). Nobody holds one that is bent more. A sphere of a head's
 * breadth (150 mm) has 33; real faces and heads, in profile and from behind, measure 12 to 38.
 */
const BENT_SAG_MM = 8.2;
const HEAD_SAG_MM = 14;
const BETWEEN_MM = (BENT_SAG_MM + HEAD_SAG_MM) / 2;
/** Relief of a flat picture is below 1 mm. What has more is never called flat: a head in profile has a small sag and a relief of 15 to 25. */
const RELIEF_MM = 8;
/**
 * So many standard errors make sure: of noise on a flat picture 3 in 1,000 seem round by as much. Where the plane ends around the box, which
 * it does not around a printed face, fewer do.
 */
const SURE = 2.75;
const SURE_ALONE = 1.25;
/** Below so many standard errors what is flat may well seem round. */
const UNSURE = 2;
/**
 * Around a head everything lies further behind its plane, in mm; around a picture that is bent to 150 mm 15. Where noise leaves it open whether the
 * face is round, less than the second is a picture all the same.
 */
const RING_DROP_MM = 20;
const SAME_PLANE_MM = 12;
/** Beside a head and above is nothing that hangs together with it: of a wall, a cupboard's edge or a board more does. */
const AROUND_SHARE = 0.55;

/** Judges a box in pixels of the depth picture. */
export function readFace(depth: DepthMap, box: Box): DepthReading {
  const measure = measureFace(depth, box);
  return { verdict: verdictOf(measure), measure };
}

/** Judges what was measured of one frame, or over a track. */
export function verdictOf(measure: DepthMeasure | null): DepthVerdict {
  if (!measure || measure.validShare < LEAST_VALID || measure.pixels < LEAST_PIXELS) return 'unknown';
  const { widthMm, faceShare, sagMm, sagErrorMm, reliefMm, ringDropMm, aroundShare } = measure;
  if (widthMm < WIDTH_MM.least) return 'size';
  if (widthMm > WIDTH_MM.most) return faceShare > FILLED ? 'size' : 'unknown'; // a box that is drawn wide around a head has its corners empty
  if (faceShare < LEAST_FACE) return 'unknown';
  const isInPlane = ringDropMm !== null && Math.abs(ringDropMm) < RING_DROP_MM;
  if (sagMm >= BETWEEN_MM) {
    if (sagMm >= (isInPlane ? SURE : SURE_ALONE) * sagErrorMm)
      return aroundShare > AROUND_SHARE || (isInPlane && sagMm < HEAD_SAG_MM) ? 'unknown' : 'accept';
    const isPlane = isInPlane && Math.abs(ringDropMm) < SAME_PLANE_MM && reliefMm <= RELIEF_MM;
    return isPlane && sagMm < UNSURE * sagErrorMm ? 'in_plane' : 'unknown';
  }
  if (reliefMm > RELIEF_MM) return 'unknown';
  if (sagMm + SURE * sagErrorMm < HEAD_SAG_MM) return 'flat';
  return isInPlane ? 'in_plane' : 'unknown';
}
