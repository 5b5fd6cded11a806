// The first half of a frame's way: which faces there are, where, in what state, and whose.
import { IdentityTracker } from './identity.ts';
import type { KnownParticipant, Person, Segment } from './persons.ts';
import { FaceTracker, type TrackedFace } from './tracking.ts';
import { insideShare, type Quality } from './quality.ts';
import { interocularDistance, type Landmarks68 } from './landmarks.ts';
import { headPose } from './pose.ts';
import { TrackDepths } from './depth/tracks.ts';
import type { Box } from './geometry.ts';
import type { FaceNetworks } from './networks.ts';
import type { Frame } from './frame.ts';
import type { Profile } from './profile.ts';
import { isNoFace, type FaceDepth } from './record.ts';

/** A face in a frame with everything but its expression. */
export interface ObservedFace {
  /** The segment ({@link Segment.id}) that says whose face this is. */
  readonly segment: number;
  readonly box: Box;
  readonly landmarks: Landmarks68;
  readonly detectorScore: number;
  readonly quality: Quality;
  /** Code of the participant, as far as it is known in this frame. */
  readonly participant: string | null;
  /** Null without a depth sensor. A face that it rejects belongs to nobody. */
  readonly depth: FaceDepth | null;
}

export interface VisionReport {
  readonly sequence: number;
  readonly searched: boolean;
  readonly cut: boolean;
  readonly faces: readonly ObservedFace[];
}

/** What identity has learned since it was asked last: segments that changed, and persons that are new. */
export interface IdentityNews {
  readonly segments: readonly Segment[];
  readonly persons: readonly Person[];
}

/** What the vision stage needs of the networks. */
export type VisionFunctions = Pick<FaceNetworks, 'detect' | 'detectAtEdges' | 'mesh' | 'occlusion' | 'embed'>;

export interface VisionOptions {
  readonly profile: Profile;
  readonly identification: boolean;
  /** Pictures that do not follow each other in time. */
  readonly stills: boolean;
  /** One camera without cuts: see {@link FaceTracker}. */
  readonly uncut?: boolean;
  readonly participants: readonly KnownParticipant[] | null;
}

export class VisionStage {
  readonly #networks: VisionFunctions;
  readonly #options: VisionOptions;
  readonly #identity: IdentityTracker;
  #tracker: FaceTracker;
  #depths = new TrackDepths();
  #firstTrack = 0;
  #personsTold = 0;

  constructor(networks: VisionFunctions, options: VisionOptions) {
    const { profile, identification, stills, participants } = options;
    this.#networks = networks;
    this.#options = options;
    this.#tracker = new FaceTracker(networks, profile.tracking, options.uncut);
    this.#identity = new IdentityTracker({
      maxDistance: profile.identity.maxDistance,
      checkEveryFrames: profile.identity.checkEveryFrames,
      stills,
      embed: identification ? (frame, face) => networks.embed(frame, face) : null,
      participants,
    });
  }

  /**
   * Makes a participant known by a reference picture with one face. Returns how many faces were found: only with exactly one has
   * anything been learned.
   */
  async enrol(code: string, picture: Frame): Promise<number> {
    this.#startAnew();
    const { faces } = await this.#tracker.track(picture);
    this.#startAnew();
    if (faces.length === 1) this.#identity.enrol(code, await this.#networks.embed(picture, faces[0].landmarks));
    return faces.length;
  }

  /** Looks at the next frame. Frames must come in order and one at a time. */
  async process(frame: Frame): Promise<VisionReport> {
    if (this.#options.stills) this.#startAnew();
    const { faces, searched, cut } = await this.#tracker.track(frame);
    const hidden = await this.#networks.occlusion(
      frame,
      faces.map((face) => face.landmarks),
    );
    const depths = this.#depths.read(frame, faces);
    const seen = faces.map((face, i) => {
      const track = this.#firstTrack + face.track;
      return { ...face, track, quality: qualityOf(face, hidden[i], frame), depth: depths[i] };
    });
    const rejected = seen.filter(({ depth }) => isNoFace(depth));
    if (cut && this.#options.uncut) this.#identity.forgetPlaces();
    const people = seen.filter(({ depth }) => !isNoFace(depth));
    await this.#identity.update(frame, people, cut, rejected);
    const observed = seen.map(({ track, box, landmarks, detectorScore, quality, depth }) => {
      const segment = this.#identity.segmentOf(track);
      const person = this.#identity.persons.find((p) => p.id === segment.person);
      const participant = person?.participant ?? null;
      return { segment: segment.id, box, landmarks, detectorScore, quality, participant, depth };
    });
    return { sequence: frame.sequence, searched, cut, faces: observed };
  }

  /** Whose face a track is, by the word of the researcher; see {@link IdentityTracker.assign}. */
  assign(track: number, participant: string | null): boolean {
    return this.#identity.assign(track, participant);
  }

  /** See {@link IdentityTracker.withdraw}. */
  withdraw(participant: string): void {
    this.#identity.withdraw(participant);
  }

  /** What identity has learned since the last call. */
  takeNews(): IdentityNews {
    const segments = this.#identity.takeChanges().map((segment) => ({ ...segment }));
    const persons = this.#identity.persons.slice(this.#personsTold).map(({ id, participant }) => ({ id, participant }));
    this.#personsTold += persons.length;
    return { segments, persons };
  }

  /** Decides what identity has left open. */
  finish(): IdentityNews {
    this.#identity.finish();
    return this.takeNews();
  }

  /** Decides what identity has left open of the faces in view, which are followed further. */
  settle(): IdentityNews {
    this.#identity.settle();
    return this.takeNews();
  }

  /** Nothing follows from one picture to the next but the memory of the people. Track numbers go on. */
  #startAnew(): void {
    this.#firstTrack += 1000;
    this.#tracker = new FaceTracker(this.#networks, this.#options.profile.tracking, this.#options.uncut);
    this.#depths = new TrackDepths();
  }
}

function qualityOf(face: TrackedFace, occlusion: number, frame: Frame): Quality {
  return {
    ...face.appearance,
    interocularPx: interocularDistance(face.landmarks),
    inside: insideShare(face.box, frame),
    occlusion,
    trackScore: face.trackScore,
    pose: headPose(face.mesh),
  };
}
