// What the threads say to each other: everything that goes into a message comes out of it.
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import type { Probabilities } from '../../src/main/core/expression.ts';
import type { PixelFormat } from '../../src/main/core/frame.ts';
import type { ObservedFace } from '../../src/main/core/vision.ts';
import { sharedMemory } from '../../src/main/inference/kernel.ts';
import { landmarksOf, packAnswers, packFace, unpackAnswers, unpackFace } from '../../src/main/inference/packing.ts';
import { frameIn } from '../../src/main/inference/protocol.ts';
import { FULL_601 } from '../fixtures/inference-frames.ts';
import { faceRecord } from '../fixtures/records.ts';
import { seeded } from '../fixtures/seeded.ts';

/** The same after a journey from one thread to another. */
function sent<T>(message: T): T {
  const { port1, port2 } = new MessageChannel();
  port1.postMessage(message);
  const received = receiveMessageOnPort(port2) as { message: T };
  port1.close();
  return received.message;
}

/** A face all of whose numbers are different ones that a float32 can hold. */
function observed(seed: number, changes: Partial<ObservedFace> = {}): ObservedFace {
  const { segment, box, landmarks, detectorScore, quality } = faceRecord(seed);
  const { yawDeg, pitchDeg, rollDeg } = quality.pose;
  const pose = { yawDeg: Math.fround(yawDeg), pitchDeg: Math.fround(pitchDeg), rollDeg: Math.fround(rollDeg) };
  const whole = { segment, landmarks, detectorScore, quality: { ...quality, pose }, participant: null, depth: null };
  return { ...whole, box: { ...box, x: Math.fround(box.x) }, ...changes };
}

describe('a face', () => {
  it('comes back with every number in its place', () => {
    const face = observed(1);
    const { box, quality, detectorScore } = face;
    const { pose, ...rest } = quality;
    const numbers = [box, rest, pose].flatMap((part) => Object.values<number>({ ...part })).concat(detectorScore);
    expect(new Set(numbers).size).toBe(16); // or an exchange of two would go unseen
    expect(unpackFace(sent(packFace(face, true)))).toEqual(face);
  });

  it.each([
    [7, null, true],
    [8, null, false],
    [123_456, 'A07', true],
    [1, 'B.2-x', false],
  ])(
    'of segment %i and participant %s keeps whose it is and whether it may be estimated',
    (segment, participant, may) => {
      const packed = sent(packFace(observed(2, { segment, participant }), may));
      expect(packed).toMatchObject({ segment, participant, isAnalysed: may });
      expect(unpackFace(packed)).toMatchObject({ segment, participant });
    },
  );

  it('may lack a number, and then lacks only that', () => {
    const face = observed(3);
    const unknown = { ...face, quality: { ...face.quality, occlusion: NaN } };
    expect(unpackFace(sent(packFace(unknown, true)))).toEqual(unknown);
  });

  it('has its 68 landmarks alone as well', () => {
    const face = observed(4);
    expect(landmarksOf(sent(packFace(face, true)).numbers)).toEqual(face.landmarks);
  });

  it('is a copy: the landmarks may be used again', () => {
    const face = observed(5);
    const before = face.landmarks.slice();
    const packed = packFace(face, true);
    face.landmarks.fill(0);
    expect(unpackFace(packed).landmarks).toEqual(before);
  });
});

/** Answers of some members for some faces, all different. */
function answers(faces: number, members: number): Probabilities[][] {
  const random = seeded(faces * 100 + members);
  return Array.from({ length: faces }, () =>
    Array.from({ length: members }, () => Float32Array.from({ length: 8 }, () => random())),
  );
}

describe('the answers of the members', () => {
  it.each([
    [1, 1],
    [1, 3],
    [2, 3],
    [5, 2],
    [40, 3],
  ])('for %i faces by %i members come back', (faces, members) => {
    const all = answers(faces, members);
    expect(unpackAnswers(sent(packAnswers(all)), faces)).toEqual(all);
  });

  it('are none where there is no face', () => {
    const packed = packAnswers([]);
    expect(packed).toHaveLength(0);
    expect(unpackAnswers(sent(packed), 0)).toEqual([]);
  });

  it('keep the place of a member that failed', () => {
    const [[a, , c], [d, e]] = answers(2, 3);
    const all = [
      [a, null, c],
      [d, e, null],
    ];
    expect(unpackAnswers(sent(packAnswers(all)), 2)).toEqual(all);
  });

  it('are as many empty ones when all members failed', () => {
    expect(unpackAnswers(sent(packAnswers([[null, null]])), 1)).toEqual([[null, null]]);
  });

  it('of a member that does not know contempt lack contempt only', () => {
    const seven = Float32Array.of(0.1, NaN, 0.2, 0.05, 0.3, 0.15, 0.1, 0.1);
    expect(unpackAnswers(sent(packAnswers([[seven, null]])), 1)).toEqual([[seven, null]]);
  });
});

describe('a frame in shared memory', () => {
  // Luma, then chroma of half the size, rounded up: 5 × 3 and 3 × 2.
  it.each<[PixelFormat, readonly { readonly stride: number; readonly bytes: number }[]]>([
    ['gray', [{ stride: 5, bytes: 15 }]],
    ['rgba', [{ stride: 20, bytes: 60 }]],
    [
      'i420',
      [
        { stride: 5, bytes: 15 },
        { stride: 3, bytes: 6 },
        { stride: 3, bytes: 6 },
      ],
    ],
    [
      'nv12',
      [
        { stride: 5, bytes: 15 },
        { stride: 6, bytes: 12 },
      ],
    ],
  ])('of 5 × 3 pixels as %s is found by its address', (format, expected) => {
    const memory = sharedMemory(1000);
    const whole = new Uint8Array(memory.buffer);
    for (let i = 0; i < 1000; i++) whole[i] = i % 251;
    const message = { address: 640, sequence: 9, timeMs: 360.5, width: 5, height: 3, format, colorSpace: FULL_601 };
    const { planes, ...rest } = frameIn(sent({ memory, message }).memory, sent(message));
    expect(rest).toMatchObject({ sequence: 9, timeMs: 360.5, width: 5, height: 3, format, colorSpace: FULL_601 });
    let at = 640;
    expect(planes.map(({ stride, data }) => ({ stride, bytes: data.length }))).toEqual(expected);
    for (const { data } of planes) for (const byte of data) expect(byte).toBe(at++ % 251);
    // The same memory, not a copy.
    whole[640] = 255;
    expect(planes[0].data[0]).toBe(255);
  });
});
