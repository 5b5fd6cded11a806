// Faces that are cut already, through the real members in two threads.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXPRESSIONS, type Probabilities } from '../../src/main/core/expression.ts';
import type { Still } from '../../src/main/engine/dataset.ts';
import { CropEstimator } from '../../src/main/inference/crop-estimator.ts';
import { ModelRegistry } from '../../src/main/inference/registry.ts';
import { MODELS } from '../fixtures/models.ts';
import { PHOTOGRAPHS, cutFaces, type Pixels } from '../fixtures/photographs.ts';
import { PROFILE } from '../fixtures/records.ts';

let estimator: CropEstimator;
let faces: Still[] = [];

const gray = ({ data, width, height }: Pixels): Still => ({
  ...{ width, height, format: 'gray' },
  bytes: Uint8Array.from({ length: width * height }, (_, i) => (data[3 * i] + data[3 * i + 1] + data[3 * i + 2]) / 3),
});

function mirrored(still: Still): Still {
  const { width, bytes } = still;
  return { ...still, bytes: bytes.map((_, i) => bytes[i - (i % width) + width - 1 - (i % width)]) };
}

/** The greatest difference between what members say. */
function apart(first: readonly (Probabilities | null)[], second: readonly (Probabilities | null)[]): number {
  return Math.max(
    ...first.flatMap((member, m) =>
      EXPRESSIONS.flatMap((_, e) => {
        const difference = Math.abs((member?.[e] ?? 9) - (second[m]?.[e] ?? -9));
        return Number.isNaN(difference) ? [] : [difference];
      }),
    ),
  );
}

beforeAll(async () => {
  const registry = await ModelRegistry.open(MODELS);
  estimator = await CropEstimator.start(registry, await registry.profile('mien'));
  faces = (await Promise.all(PHOTOGRAPHS.slice(0, 2).map((photograph) => cutFaces(photograph, 64)))).flat().map(gray);
}, 120_000);
afterAll(() => estimator.close());

describe('faces from edge to edge', () => {
  it('have probabilities of every member, each its own', async () => {
    const answers = await estimator.estimate(faces, false);
    expect(answers).toHaveLength(faces.length);
    for (const members of answers) {
      expect(members).toHaveLength(PROFILE.members.length);
      for (const member of members) {
        const sum = member?.reduce((a, b) => (Number.isNaN(b) ? a : a + b), 0);
        expect(sum).toBeCloseTo(1, 4);
      }
    }
    expect(apart(answers[0], answers[1])).toBeGreaterThan(0.05);
  });

  it('say the same alone, in another order, and beside larger pictures', async () => {
    const together = await estimator.estimate(faces, false);
    const [alone] = await estimator.estimate([faces[2]], false);
    expect(apart(alone, together[2])).toBe(0);
    const large: Still = { width: 700, height: 700, format: 'rgba', bytes: new Uint8Array(4 * 700 * 700).fill(90) };
    const [, again] = await estimator.estimate([large, faces[2], faces[0]], false);
    expect(apart(again, together[2])).toBe(0);
  });

  it('are mirrored as if the pixels were', async () => {
    const [asked] = await estimator.estimate([faces[0]], true);
    const [turned] = await estimator.estimate([mirrored(faces[0])], false);
    const [plain] = await estimator.estimate([faces[0]], false);
    // The sampler rounds positions to parts of a pixel, in the mirror to the other side.
    expect(apart(asked, turned)).toBeLessThan(0.01);
    expect(apart(asked, plain)).toBeGreaterThan(5 * apart(asked, turned));
  });

  it('go together by their size', () => {
    expect(CropEstimator.together(faces[0])).toBe(32);
    expect(CropEstimator.together({ width: 4000, height: 4000, format: 'rgba', bytes: new Uint8Array() })).toBe(1);
  });
});
