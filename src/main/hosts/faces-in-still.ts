// Where the faces of one picture are, by the networks of a profile.
import type { Box } from '../core/geometry.ts';
import type { Profile } from '../core/profile.ts';
import type { Still } from '../engine/dataset.ts';
import { WorkerAnalyzer } from '../inference/analyzer.ts';
import type { ModelRegistry } from '../inference/registry.ts';

/** Boxes of the faces in pixels of the picture. No embedding is computed. Throws what the registry throws. */
export async function facesInStill(still: Still, registry: ModelRegistry, profile: Profile): Promise<Box[]> {
  const analyzer = await WorkerAnalyzer.start(registry, {
    ...{ profile, identification: false, stills: true, participants: null, analysed: null },
  });
  try {
    const { width, height, format, bytes } = still;
    const slot = await analyzer.allocate(format, width, height);
    slot.bytes.set(bytes);
    const colorSpace = { matrix: 'bt601', range: 'full' } as const;
    const frame = { slot, sequence: 0, timeMs: NaN, width, height, format, colorSpace, droppedBefore: 0, name: null };
    const { report } = await analyzer.analyze(frame);
    analyzer.release(slot);
    return report.faces.map(({ box }) => box);
  } finally {
    await analyzer.close();
  }
}
