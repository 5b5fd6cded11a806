import { describe, expect, it } from 'vitest';
import { columnsOf, packFace, unpackFace, withoutScores } from '../../src/main/store/face-codec.ts';
import type { FaceRecord } from '../../src/main/core/record.ts';
import { exactFace } from '../fixtures/store-contents.ts';

const EIGHT_NANS = new Float32Array(8).fill(NaN);

/** A face through the codec, with the columns that lie beside the numbers. */
function throughCodec(face: FaceRecord): FaceRecord {
  return unpackFace(columnsOf(face), packFace(face));
}

describe('a face as one row of numbers', () => {
  it('comes back exactly, whatever its numbers are', () => {
    for (let seed = 1; seed <= 50; seed++) {
      const face = exactFace(seed, { sequence: 7 * seed, segment: seed, reason: seed % 2 ? 'blurred' : null });
      expect(throughCodec(face)).toEqual(face);
    }
  });

  it.each([0, 1, 2, 7])('comes back with %i members', (count) => {
    const members = Array.from({ length: count }, (_, i) => exactFace(i).fused);
    const back = throughCodec(exactFace(3, { members }));
    expect(back.members).toEqual(members);
    expect(back.fused).toEqual(exactFace(3).fused);
  });

  it('keeps a member that failed apart from one that measures seven of eight', () => {
    const { members, fused } = exactFace(4);
    const back = throughCodec(exactFace(4, { members: [null, members[0], null] }));
    expect(back.members).toEqual([null, members[0], null]);
    expect(back.members[1]?.[1]).toBeNaN();
    expect(back.fused).toEqual(fused);
  });

  it('says of a face that nobody estimated that there is nothing, not zero', () => {
    const nothing = { members: [null, null, null], fused: EIGHT_NANS, agreement: NaN };
    const face = exactFace(5, { ...nothing, reason: 'no_consent' });
    expect(throughCodec(face)).toEqual(face);
  });

  it('keeps what override and rules made of it beside what was fused, and which fired in what order', () => {
    const fired = ['majority_override', 'happiness_lift', 'fear_surprise_bias'] as const;
    const face = exactFace(9, { refined: exactFace(10).fused, fired });
    expect(columnsOf(face)).toMatchObject({ fired: 'majority_override happiness_lift fear_surprise_bias' });
    expect(throughCodec(face)).toEqual(face);
  });

  it('takes no room for that where nothing fired, and has it in one array then', () => {
    const face = exactFace(11, { sequence: 3, segment: 2, reason: 'rejected' });
    const depth = { depthVerdict: null, distanceMm: null, widthMm: null };
    const none = { refined: null, fired: null, ...depth };
    expect(columnsOf(face)).toEqual({ sequence: 3, segment: 2, reason: 'rejected', ...none });
    const back = throughCodec(face);
    expect(back.refined).toBe(back.fused);
  });

  it.each([
    ['accept', 1312.5, 148.25],
    ['unknown', NaN, NaN],
  ] as const)('keeps what depth says: %s', (verdict, distanceMm, widthMm) => {
    const face = exactFace(13, { depth: { verdict, distanceMm, widthMm } });
    const { distanceMm: stored } = columnsOf(face);
    expect(stored).toBe(Number.isNaN(distanceMm) ? null : distanceMm);
    expect(throughCodec(face)).toEqual(face);
  });

  it('without scores has none of them', () => {
    const kept = unpackFace(
      { ...columnsOf(exactFace(12)), reason: 'no_consent' },
      withoutScores(packFace(exactFace(12))),
    );
    expect([...kept.fused, ...kept.refined, kept.agreement].every(Number.isNaN)).toBe(true);
    expect(kept.members).toEqual([null, null, null]);
    expect(kept.landmarks).toEqual(exactFace(12).landmarks);
  });

  it('tells a zero, a negative zero, the greatest and the least number apart', () => {
    const odd = Float32Array.of(0, -0, 3.402_823_466e38, 1.401_298_464e-45, -1, 1, 0.1, NaN);
    const back = throughCodec(exactFace(6, { fused: odd, detectorScore: 0 }));
    expect([...back.fused].every((value, i) => Object.is(value, odd[i]))).toBe(true);
    expect(back.detectorScore).toBe(0);
  });

  it('has every number in the place that the description gives it', () => {
    const landmarks = Float32Array.from({ length: 136 }, (_, i) => 1000 + i);
    const fused = Float32Array.from({ length: 8 }, (_, i) => 2000 + i);
    const first = Float32Array.from({ length: 8 }, (_, i) => 3000 + i);
    const third = Float32Array.from({ length: 8 }, (_, i) => 4000 + i);
    const numbers = packFace({
      sequence: 0,
      segment: 0,
      reason: null,
      depth: null,
      box: { x: 0, y: 1, width: 2, height: 3 },
      detectorScore: 4,
      quality: {
        trackScore: 5,
        brightness: 6,
        contrast: 7,
        clipped: 8,
        sharpness: 9,
        interocularPx: 10,
        inside: 11,
        occlusion: 12,
        pose: { yawDeg: 13, pitchDeg: 14, rollDeg: 15 },
      },
      agreement: 16,
      landmarks,
      fused,
      refined: fused,
      fired: [],
      members: [first, null, third],
    });
    const written = Array.from({ length: 17 }, (_, i) => i);
    expect([...numbers]).toEqual([...written, ...landmarks, ...fused, ...first, ...EIGHT_NANS, ...third]);
  });

  it('shares no memory with the face that it was made of', () => {
    const face = exactFace(8);
    const numbers = packFace(face);
    const before = unpackFace(columnsOf(face), numbers);
    face.landmarks.fill(0);
    face.fused.fill(0);
    numbers.fill(0);
    expect(before).toEqual(exactFace(8));
  });
});
