// One depth picture, in the layout in which every part of Mien gets it.
import type { Pinhole } from './pinhole.ts';

/** How the pixels of a depth picture lie in space, and how true they are. */
export interface DepthGeometry extends Pinhole {
  readonly sensor: 'kinect-v1' | 'kinect-v2';
}

/** A depth picture aligned with the colour picture of the same moment. */
export interface DepthMap extends DepthGeometry {
  /** Millimetres along the optical axis, row by row; 0 = no reading. */
  readonly mm: Uint16Array;
}
