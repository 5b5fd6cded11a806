// A small network of chance weights that counts in 8-bit integers (training/eight_bits_check.py), against PyTorch, on this processor.
// Measured: logits of up to 7 differ by 1.5e-6 at most, also on an emulated processor that has AVX2 and no VNNI. One step more or less of one
// activation, where a later rounding does not take it back, is 7e-6 to 1e-3.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CHECK_PICTURES, CHECK_SIZE, checkPicture, readCheck } from '../fixtures/check-pictures.ts';
import { worstDeviation } from '../fixtures/models.ts';
import { operatorsOf, runGraph } from '../fixtures/onnx.ts';

const graph = readFileSync(new URL('eight-bits.onnx', import.meta.url));
const check = readCheck('eight-bits');
const eight = check.ferplus_logits as readonly number[];
const seven = check.fer2013_logits as readonly number[];

const face = (...pictures: readonly number[]): Parameters<typeof runGraph>[1] => ({
  face: { dims: [pictures.length, 1, CHECK_SIZE, CHECK_SIZE], data: pictures.flatMap((k) => [...checkPicture(k)]) },
});

describe('a network in 8 bits', () => {
  it("gives PyTorch's logits in a batch", async () => {
    const { ferplus_logits, fer2013_logits } = await runGraph(graph, face(0, 1, 2, 3));
    expect(worstDeviation(ferplus_logits.data, eight)).toBeLessThan(5e-6);
    expect(worstDeviation(fer2013_logits.data, seven)).toBeLessThan(5e-6);
  });

  it.each(Array.from({ length: CHECK_PICTURES }, (_, k) => k))('gives the same for picture %i alone', async (k) => {
    const { ferplus_logits, fer2013_logits } = await runGraph(graph, face(k));
    expect(worstDeviation(ferplus_logits.data, eight.slice(8 * k, 8 * k + 8))).toBeLessThan(5e-6);
    expect(worstDeviation(fer2013_logits.data, seven.slice(7 * k, 7 * k + 7))).toBeLessThan(5e-6);
  });

  it('has integer convolutions only, and rounds where a block begins', async () => {
    const counts = await operatorsOf(graph, face(0));
    // Two of the stem, two a block, and one past each block that halves the picture.
    expect(counts.get('QLinearConv')).toBe(2 + 4 * 2 + 2);
    expect(counts.has('Conv')).toBe(false);
    expect(counts.has('FusedConv')).toBe(false);
    // The picture, and what each block but the first reads: the first reads what the stem wrote.
    expect(counts.get('QuantizeLinear')).toBe(1 + 3);
  });
});
