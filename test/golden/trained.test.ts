// The networks that we trained, against PyTorch, in which they were trained.
// Measured: logits differ by 9.5e-7 at most.
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CHECK_PICTURES, checkPicture, readCheck } from '../fixtures/check-pictures.ts';
import { readManifest } from '../fixtures/inference-models.ts';
import { MODELS, openModel, partOf, runPictures, worstDeviation } from '../fixtures/models.ts';

/** The models that a script of training/ made, one of each file. */
const TRAINED = new Map(
  Object.entries(readManifest().models).flatMap(([id, { file, origin }]) =>
    origin.kind === 'ours' && origin.training.startsWith('training/') ? [[file, id] as const] : [],
  ),
);

it('are the three of the default profile and the one for what is hidden', () => {
  expect([...TRAINED.keys()].sort()).toEqual([
    'mien-labels.onnx',
    'mien-photos.onnx',
    'mien-votes.onnx',
    'occlusion.onnx',
  ]);
});

describe.each([...TRAINED])('%s', (file, id) => {
  const { sha256, ...outputs } = readCheck(file.replace('.onnx', ''));

  it('is the file that PyTorch wrote when the check was made, and not large', () => {
    expect(
      createHash('sha256')
        .update(readFileSync(new URL(file, MODELS)))
        .digest('hex'),
    ).toBe(sha256);
    expect(statSync(new URL(file, MODELS)).size).toBeLessThan(10e6);
  });

  it("gives PyTorch's logits, in a batch and one by one", async () => {
    const model = await openModel(id);
    const pictures = Array.from({ length: CHECK_PICTURES }, (_, k) => checkPicture(k));
    const together = await runPictures(model, pictures);
    expect(Object.keys(together).sort()).toEqual(Object.keys(outputs).sort());
    const alone = await Promise.all(pictures.map((picture) => runPictures(model, [picture])));
    for (const [name, values] of Object.entries(outputs)) {
      const expected = Float32Array.from(values as readonly number[]);
      expect(worstDeviation(together[name], expected)).toBeLessThan(1e-4);
      alone.forEach((answer, k) =>
        expect(worstDeviation(answer[name], partOf(expected, k, CHECK_PICTURES))).toBeLessThan(1e-4),
      );
    }
    await model.release();
  });
});
