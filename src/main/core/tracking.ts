// Follows faces from frame to frame: landmarks from the last landmarks, the detector now and then and whenever a face is missing.
// A track is one face followed without a gap; who it belongs to is decided elsewhere (identity.ts).
import { assign } from './assignment.ts';
import { CutDetector, patchCorrelation } from './change.ts';
import { iou, type Box, type Region } from './geometry.ts';
import { boxOfMesh, landmarks68, regionOfDetection, regionOfMesh, type Landmarks68, type Mesh } from './landmarks.ts';
import type { Appearance } from './quality.ts';
import type { Detection } from './detect.ts';
import type { FaceNetworks, MeshReading } from './networks.ts';
import type { Frame } from './frame.ts';
import { FrameSpacing } from './frame-spacing.ts';

export interface TrackingOptions {
  /** The least score of a detection that may begin a track. */
  readonly minDetectionScore: number;
  /** The detector runs every so many frames… */
  readonly detectEveryFrames: number;
  /** …and every so many while fewer faces are seen than before. */
  readonly searchEveryFrames: number;
}

/** What tracking needs of the networks. */
export type FaceFinder = Pick<FaceNetworks, 'detect' | 'detectAtEdges' | 'mesh'>;

/** A face in one frame. */
export interface TrackedFace {
  readonly track: number;
  /** The track began with this frame. */
  readonly isNew: boolean;
  /** The picture inside the face's region changed so much that this may be somebody else. */
  readonly isDoubtful: boolean;
  /** Frames for which the track has existed, this one included. */
  readonly ageFrames: number;
  readonly box: Box;
  readonly mesh: Mesh;
  readonly landmarks: Landmarks68;
  /** Score of the detection that last confirmed the track. */
  readonly detectorScore: number;
  /** The mesh network's belief that this is a face, 0…1. */
  readonly trackScore: number;
  readonly faceLogit: number;
  readonly appearance: Appearance;
}

export interface TrackingResult {
  readonly faces: readonly TrackedFace[];
  /** Whether the detector ran on this frame: only then is a missing face known to be missing. */
  readonly searched: boolean;
  /** Whether the film was cut before this frame. All tracks began anew then. */
  readonly cut: boolean;
}

interface Track {
  readonly id: number;
  readonly firstSequence: number;
  region: Region;
  reading: MeshReading;
  box: Box;
  detectorScore: number;
  /** Runs of the detector in a row that did not find the face. */
  missed: number;
  ageFrames: number;
  /** Correlation of the picture in the region with the frame before; 1 in the track's first frame. */
  correlation: number;
  isDoubtful: boolean;
  /** Half of the face lies outside and is followed in a mirror. */
  isAtEdge: boolean;
}

/** Least overlap of a detection and the track that it confirms: their boxes are drawn differently around the same face. */
const MATCH_IOU = 0.25;
/** Two meshes that overlap more are on one face. */
const SAME_FACE_IOU = 0.55;
/**
 * Below this correlation with the frame before, a face may be another one. A cut to somebody else gives 0.3 to 0.78; of 890
 * frames of real films two came below 0.8 by motion, and a needless doubt costs one embedding.
 */
const DOUBT_CORRELATION = 0.8;
/** Of two tracks on one face, the one whose picture changed less by this is the face's own. */
const CLEARLY = 0.1;
/** A track that the detector has missed so often in a row is kept only while its mesh is surely a face. */
const MAX_MISSED = 4;
const SURE_LOGIT = 8;

/** Half faces are sought in every second search, must be surely faces, and lie where nothing else is. */
const EDGES_EVERY_SEARCHES = 2;
const EDGE_SCORE = 0.65;
const EDGE_LOGIT = 4;
const EDGE_IOU = 0.1;

/** No face fits into less. */
const SMALLEST_FRAME = 16;

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

export class FaceTracker {
  readonly #networks: FaceFinder;
  readonly #options: TrackingOptions;
  readonly #cuts: CutDetector | null;
  #tracks: Track[] = [];
  #nextId = 1;
  #sinceDetection = Infinity;
  #sinceEdges = Infinity;
  #mostFaces = 0;
  readonly #spacing = new FrameSpacing();

  /**
   * `isUncut`: the frames come from one camera, in which a quick movement is a movement and not another scene; but when it was gone
   * for a while, somebody else may sit there.
   */
  constructor(networks: FaceFinder, options: TrackingOptions, isUncut = false) {
    this.#networks = networks;
    this.#options = options;
    this.#cuts = isUncut ? null : new CutDetector();
  }

  /** Finds the faces of the next frame. Frames must come in order and one at a time. */
  async track(frame: Frame): Promise<TrackingResult> {
    if (Math.min(frame.width, frame.height) < SMALLEST_FRAME) return { faces: [], searched: true, cut: false };
    const cut = this.#cuts ? this.#cuts.isCut(frame) : this.#spacing.add(frame.timeMs);
    if (cut) {
      this.#tracks = [];
      this.#mostFaces = 0;
      this.#sinceEdges = Infinity;
    }
    const lost = await this.#follow(frame);
    const searched = cut || lost.length > 0 || this.#isDetectionDue();
    this.#sinceDetection++;
    this.#sinceEdges++;
    if (searched) {
      this.#sinceDetection = 0;
      await this.#search(frame, lost);
    }
    this.#dropDoubles();
    this.#mostFaces = Math.max(this.#mostFaces, this.#tracks.length);
    return { faces: this.#tracks.map((track) => describe(track, frame.sequence)), searched, cut };
  }

  #isDetectionDue(): boolean {
    if (this.#tracks.length === 0) return true;
    const { detectEveryFrames, searchEveryFrames } = this.#options;
    const every = this.#tracks.length < this.#mostFaces ? searchEveryFrames : detectEveryFrames;
    return this.#sinceDetection >= every - 1;
  }

  /** Moves every track to this frame and returns those whose face is no longer there. */
  async #follow(frame: Frame): Promise<Track[]> {
    if (this.#tracks.length === 0) return [];
    const readings = await this.#look(frame, this.#tracks);
    const lost: Track[] = [];
    this.#tracks = this.#tracks.filter((track, i) => {
      if (readings[i].faceLogit < 0) {
        lost.push(track);
        return false;
      }
      track.correlation = patchCorrelation(track.reading.patch, readings[i].patch);
      track.isDoubtful = track.correlation < DOUBT_CORRELATION;
      place(track, readings[i]);
      track.ageFrames++;
      return true;
    });
    return lost;
  }

  /** The mesh in each region, as seen with a mirror for those at the edge. */
  async #look(
    frame: Frame,
    faces: readonly { readonly region: Region; readonly isAtEdge: boolean }[],
  ): Promise<MeshReading[]> {
    const readings = new Map<object, MeshReading>();
    for (const border of ['edge', 'mirror'] as const) {
      const seen = faces.filter((face) => face.isAtEdge === (border === 'mirror'));
      if (seen.length === 0) continue;
      const read = await this.#networks.mesh(
        frame,
        seen.map((face) => face.region),
        border,
      );
      seen.forEach((face, i) => readings.set(face, read[i]));
    }
    return faces.flatMap((face) => readings.get(face) ?? []);
  }

  /** Runs the detector, confirms tracks with what it finds, revives lost ones and begins new ones. */
  async #search(frame: Frame, lost: readonly Track[]): Promise<void> {
    const whole = await this.#networks.detect(frame, this.#options.minDetectionScore);
    // A face that is lost at a side may be half outside now.
    const edgesSearched =
      this.#sinceEdges >= EDGES_EVERY_SEARCHES * this.#options.detectEveryFrames ||
      lost.some(({ box, isAtEdge }) => isAtEdge || box.x < 0 || box.x + box.width > frame.width);
    const half = edgesSearched ? await this.#atEdges(frame, whole) : [];
    const detections = [...whole, ...half];
    const known = [...this.#tracks, ...lost];
    const pairs = assign(
      known.map((track) => detections.map((detection) => iou(track.box, detection.box))),
      MATCH_IOU,
    );
    const trackOf = new Map(pairs.map(([row, column]) => [detections[column], known[row]]));
    for (const track of this.#tracks) if (!track.isAtEdge || edgesSearched) track.missed++;
    const found: Detection[] = [];
    for (const detection of detections) {
      const track = trackOf.get(detection);
      if (track && this.#tracks.includes(track)) {
        track.missed = 0;
        track.detectorScore = detection.score;
        track.isAtEdge = detection.isAtEdge;
      } else {
        found.push(detection);
      }
    }
    await this.#begin(frame, found, trackOf);
    this.#tracks = this.#tracks.filter((t) => t.missed < MAX_MISSED || t.reading.faceLogit >= SURE_LOGIT);
  }

  /** Half faces where neither a whole one was found nor followed. */
  async #atEdges(frame: Frame, whole: readonly Detection[]): Promise<Detection[]> {
    this.#sinceEdges = 0;
    const taken = [...whole, ...this.#tracks.filter((track) => !track.isAtEdge)];
    const found = await this.#networks.detectAtEdges(frame, EDGE_SCORE);
    return found.filter(({ box }) => taken.every((other) => iou(other.box, box) < EDGE_IOU));
  }

  /** Tracks the detections on which the mesh network sees a face; the second look is cut by the points of the first. */
  async #begin(frame: Frame, detections: readonly Detection[], revived: ReadonlyMap<Detection, Track>): Promise<void> {
    if (detections.length === 0) return;
    const isFace = ({ isAtEdge }: Detection, { faceLogit }: MeshReading): boolean =>
      faceLogit >= (isAtEdge ? EDGE_LOGIT : 0);
    const regions = detections.map((d) => ({ region: regionOfDetection(d), isAtEdge: d.isAtEdge }));
    const first = await this.#look(frame, regions);
    const faces = detections.flatMap((detection, i) => {
      if (!isFace(detection, first[i])) return [];
      return [{ detection, region: regionOfMesh(first[i].mesh), isAtEdge: detection.isAtEdge }];
    });
    const second = await this.#look(frame, faces);
    faces.forEach(({ detection, region, isAtEdge }, i) => {
      if (!isFace(detection, second[i])) return;
      const old = revived.get(detection);
      const correlation = old ? patchCorrelation(old.reading.patch, second[i].patch) : 1;
      const track: Track = {
        id: old ? old.id : this.#nextId++,
        firstSequence: old ? old.firstSequence : frame.sequence,
        region,
        reading: second[i],
        box: detection.box,
        detectorScore: detection.score,
        missed: 0,
        ageFrames: old ? old.ageFrames + 1 : 1,
        correlation,
        isDoubtful: correlation < DOUBT_CORRELATION,
        isAtEdge,
      };
      place(track, second[i]);
      this.#tracks.push(track);
    });
    this.#tracks.sort((p, q) => p.id - q.id);
  }

  /** Of two tracks on one face the one that was on it stays: by the picture, or else the older one, in doubt. */
  #dropDoubles(): void {
    const kept: Track[] = [];
    for (const track of this.#tracks) {
      const at = kept.findIndex((other) => iou(other.box, track.box) >= SAME_FACE_IOU);
      if (at < 0) {
        kept.push(track);
        continue;
      }
      if (track.ageFrames === 1) continue; // a second detection of a face that is followed already
      const gain = track.correlation - kept[at].correlation;
      if (gain > CLEARLY) kept[at] = track;
      else if (gain > -CLEARLY) kept[at].isDoubtful = true;
    }
    this.#tracks = kept;
  }
}

function place(track: Track, reading: MeshReading): void {
  track.reading = reading;
  track.region = regionOfMesh(reading.mesh);
  track.box = boxOfMesh(reading.mesh);
}

function describe(track: Track, sequence: number): TrackedFace {
  const { reading } = track;
  return {
    track: track.id,
    isNew: track.firstSequence === sequence,
    isDoubtful: track.isDoubtful,
    ageFrames: track.ageFrames,
    box: track.box,
    mesh: reading.mesh,
    landmarks: landmarks68(reading.mesh),
    detectorScore: track.detectorScore,
    trackScore: sigmoid(reading.faceLogit),
    faceLogit: reading.faceLogit,
    appearance: reading.appearance,
  };
}
