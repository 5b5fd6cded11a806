// What a profile's members say of the pictures of a data set: of whole photographs by the way of any other picture, of pictures that
// are cut already without a search.
import { MienError } from '../../contract/errors.ts';
import type { Probabilities } from '../../core/expression.ts';
import { faceShape, type FaceShape } from '../../core/face-shape.ts';
import { frameBytes } from '../../core/frame.ts';
import type { Profile } from '../../core/profile.ts';
import type { LabelledPicture, Still } from '../../engine/dataset.ts';
import { WorkerAnalyzer } from '../../inference/analyzer.ts';
import { CropEstimator } from '../../inference/crop-estimator.ts';
import type { ModelRegistry } from '../../inference/registry.ts';

/** A face as the members see it. */
export interface View {
  /** Their probabilities in the profile's order; null for one that failed. */
  readonly members: readonly (Probabilities | null)[];
  /** Null where it cannot be measured, and for pictures that are cut already: in these no landmarks are looked for. */
  readonly shape: FaceShape | null;
}

/** One for the picture, and one for its mirror image where that is asked for. */
export type Views = readonly View[];

export interface EstimateOptions {
  readonly registry: ModelRegistry;
  readonly profile: Profile;
  /** The pictures are faces from edge to edge. */
  readonly isCropped: boolean;
  readonly isFlipped: boolean;
  readonly signal: { readonly aborted: boolean };
  readonly onProgress: (done: number) => void;
}

/** For each picture its views; null where no face was found. Throws interrupted. */
export async function estimatePictures(
  pictures: readonly LabelledPicture[],
  options: EstimateOptions,
): Promise<{ readonly views: readonly (Views | null)[]; readonly msPerFace: number }> {
  const startMs = performance.now();
  const views = await (options.isCropped ? estimateCrops(pictures, options) : estimatePhotographs(pictures, options));
  const faces = views.filter((view) => view !== null).length;
  return { views, msPerFace: faces > 0 ? (performance.now() - startMs) / faces : NaN };
}

async function estimateCrops(
  pictures: readonly LabelledPicture[],
  { registry, profile, isFlipped, signal, onProgress }: EstimateOptions,
): Promise<Views[]> {
  const estimator = await CropEstimator.start(registry, profile);
  try {
    const views: Views[] = [];
    let stills: Still[] = [];
    const settle = async (): Promise<void> => {
      const seen = [
        await estimator.estimate(stills, false),
        ...(isFlipped ? [await estimator.estimate(stills, true)] : []),
      ];
      stills.forEach((_, i) => views.push(seen.map((answers) => ({ members: answers[i], shape: null }))));
      stills = [];
      onProgress(views.length);
    };
    for (const picture of pictures) {
      checkGoing(signal);
      const still = await picture.read();
      stills.push(still);
      if (stills.length >= CropEstimator.together(still)) await settle();
    }
    if (stills.length > 0) await settle();
    return views;
  } finally {
    await estimator.close();
  }
}

async function estimatePhotographs(
  pictures: readonly LabelledPicture[],
  { registry, profile, isFlipped, signal, onProgress }: EstimateOptions,
): Promise<(Views | null)[]> {
  const analyzer = await WorkerAnalyzer.start(registry, {
    ...{ profile, identification: false, stills: true, participants: null, analysed: null },
  });
  let sequence = 0;
  const look = async (still: Still): Promise<View | null> => {
    const { width, height, format, bytes } = still;
    const slot = await analyzer.allocate(format, width, height);
    try {
      slot.bytes.set(bytes);
      const colorSpace = { matrix: 'bt601', range: 'full' } as const;
      const frame = { slot, sequence: sequence++, timeMs: NaN, width, height, format, colorSpace };
      const { report, answers } = await analyzer.analyze({ ...frame, droppedBefore: 0, name: null });
      const areas = report.faces.map(({ box }) => box.width * box.height);
      const largest = areas.indexOf(Math.max(...areas)); // it is meant
      const members = answers[largest];
      return members ? { members, shape: faceShape(report.faces[largest].landmarks) } : null;
    } finally {
      analyzer.release(slot);
    }
  };
  try {
    const views: (Views | null)[] = [];
    for (const picture of pictures) {
      checkGoing(signal);
      const still = await picture.read();
      const seen = await look(still);
      const flipped = isFlipped && seen ? await look(mirrored(still)) : null;
      views.push(seen && (flipped ? [seen, flipped] : [seen]));
      onProgress(views.length);
    }
    return views;
  } finally {
    await analyzer.close();
  }
}

function mirrored(still: Still): Still {
  const { width, height, format, bytes } = still;
  const size = frameBytes(format, 1, 1);
  const turned = new Uint8Array(bytes.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = size * (y * width + x);
      turned.set(bytes.subarray(from, from + size), size * (y * width + (width - 1 - x)));
    }
  }
  return { ...still, bytes: turned };
}

function checkGoing(signal: { readonly aborted: boolean }): void {
  if (signal.aborted)
    throw new MienError('interrupted', 'It was stopped while it looked at pictures.', 'Start it again.');
}
