import { describe, expect, it } from 'vitest';
import {
  DETECTOR_SIZE,
  decodeDetections,
  detectorToFrame,
  edgesToFrame,
  isHalfFace,
  suppressOverlaps,
} from '../../../src/main/core/detect.ts';
import { applyAffine, iou, type Box } from '../../../src/main/core/geometry.ts';
import { seeded } from '../../fixtures/seeded.ts';

const ANCHORS = 896;
const AS_IS = { a: 1, b: 0, c: 0, d: 0, e: 1, f: 0 };

interface Raw {
  readonly anchor: number;
  readonly logit: number;
  readonly values?: readonly number[];
}

/** Outputs of the network in which only the named anchors see a face. */
function outputs(faces: readonly Raw[]): { boxes: Float32Array; logits: Float32Array } {
  const boxes = new Float32Array(16 * ANCHORS);
  const logits = new Float32Array(ANCHORS).fill(-100);
  for (const { anchor, logit, values } of faces) {
    logits[anchor] = logit;
    boxes.set(values ?? [0, 0, 10, 10], 16 * anchor);
  }
  return { boxes, logits };
}

function centerOf(anchor: number): readonly [number, number] {
  const { boxes, logits } = outputs([{ anchor, logit: 5 }]);
  const [{ box }] = decodeDetections(boxes, logits, 0.5, AS_IS);
  return [box.x + box.width / 2, box.y + box.height / 2];
}

describe('the map from the detector to the frame', () => {
  it('shows the whole of a wide frame with bars above and below', () => {
    const map = detectorToFrame(640, 480);
    expect(applyAffine(map, { x: 0, y: 0 })).toEqual({ x: 0, y: -80 });
    expect(applyAffine(map, { x: DETECTOR_SIZE, y: DETECTOR_SIZE })).toEqual({ x: 640, y: 560 });
    expect(applyAffine(map, { x: 128, y: 128 })).toEqual({ x: 320, y: 240 });
  });

  it('shows the whole of a high frame with bars left and right', () => {
    const map = detectorToFrame(256, 512);
    expect(applyAffine(map, { x: 0, y: 0 })).toEqual({ x: -128, y: 0 });
    expect(applyAffine(map, { x: DETECTOR_SIZE, y: DETECTOR_SIZE })).toEqual({ x: 384, y: 512 });
  });
});

describe('the map to the frame with what a mirror shows around it', () => {
  it('has the same middle and a quarter more of everything', () => {
    const map = edgesToFrame(640, 480);
    expect(applyAffine(map, { x: 128, y: 128 })).toEqual({ x: 320, y: 240 });
    expect(applyAffine(map, { x: 0, y: 0 })).toEqual({ x: -80, y: -160 });
    expect(applyAffine(map, { x: DETECTOR_SIZE, y: DETECTOR_SIZE })).toEqual({ x: 720, y: 640 });
  });
});

describe('half a face', () => {
  const at = (x: number, y: number): boolean => {
    const box = { x, y, width: 100, height: 100 };
    return isHalfFace({ box, score: 1, keypoints: [], isAtEdge: false }, 640, 360);
  };

  it('lies with at least a third of it inside the left or the right edge', () => {
    expect([at(-50, 100), at(590, 100), at(-60, 100), at(600, 100)]).toEqual([true, true, true, true]);
    expect([at(-70, 100), at(610, 100)]).toEqual([false, false]);
  });

  it('is no face that is nearly whole', () => {
    expect([at(200, 100), at(0, 100), at(-5, 100), at(545, 100)]).toEqual([false, false, false, false]);
  });

  it('is nothing that the upper or lower edge cuts', () => {
    expect([at(200, -50), at(200, 310), at(-30, -20), at(590, 280)]).toEqual([false, false, false, false]);
  });
});

describe('the anchors', () => {
  it('are two in each cell of 16 pixels, row by row', () => {
    expect(centerOf(0)).toEqual([8, 8]);
    expect(centerOf(1)).toEqual([8, 8]);
    expect(centerOf(2)).toEqual([24, 8]);
    expect(centerOf(31)).toEqual([248, 8]);
    expect(centerOf(32)).toEqual([8, 24]);
    expect(centerOf(511)).toEqual([248, 248]);
  });

  it('are then six in each cell of 32 pixels', () => {
    expect(centerOf(512)).toEqual([16, 16]);
    expect(centerOf(517)).toEqual([16, 16]);
    expect(centerOf(518)).toEqual([48, 16]);
    expect(centerOf(560)).toEqual([16, 48]); // 512 + 8 cells · 6
    expect(centerOf(895)).toEqual([240, 240]);
  });
});

describe('a detection', () => {
  it('has its box and key points in frame pixels', () => {
    // Anchor 2 lies at (24, 8). Centre 26, 12; size 20 × 30; six points at (24 + k, 8 − k).
    const points = Array.from({ length: 6 }, (_, k) => [k, -k]).flat();
    const { boxes, logits } = outputs([{ anchor: 2, logit: 0, values: [2, 4, 20, 30, ...points] }]);
    const [face] = decodeDetections(boxes, logits, 0.5, detectorToFrame(512, 256));
    // Twice the size, 128 pixels up: centre (52, −104), size 40 × 60.
    expect(face.box).toEqual({ x: 32, y: -134, width: 40, height: 60 });
    expect(face.keypoints).toEqual(Array.from({ length: 6 }, (_, k) => ({ x: 48 + 2 * k, y: -112 - 2 * k })));
    expect(face.score).toBe(0.5);
  });

  it('needs the least score, and that is enough', () => {
    const { boxes, logits } = outputs([
      { anchor: 1, logit: 0 },
      { anchor: 2, logit: -0.001 },
    ]);
    expect(decodeDetections(boxes, logits, 0.5, AS_IS).map(({ score }) => score)).toEqual([0.5]);
    // The logit of 0.9 is ln 9 = 2.1972.
    const strict = outputs([
      { anchor: 1, logit: 2.198 },
      { anchor: 2, logit: 2.197 },
    ]);
    expect(decodeDetections(strict.boxes, strict.logits, 0.9, AS_IS)).toHaveLength(1);
  });

  it('comes before every less sure one', () => {
    const { boxes, logits } = outputs([
      { anchor: 5, logit: 1 },
      { anchor: 6, logit: 3 },
      { anchor: 700, logit: 2 },
    ]);
    const scores = decodeDetections(boxes, logits, 0.5, AS_IS).map(({ score }) => score);
    // 1 / (1 + e⁻³), 1 / (1 + e⁻²), 1 / (1 + e⁻¹)
    [0.952574, 0.880797, 0.731059].forEach((score, i) => expect(scores[i]).toBeCloseTo(score, 6));
    expect(scores).toHaveLength(3);
  });

  it('is nowhere in an empty picture', () => {
    const { boxes, logits } = outputs([]);
    expect(decodeDetections(boxes, logits, 0.5, AS_IS)).toEqual([]);
  });
});

describe('overlapping detections', () => {
  const at = (x: number): { box: Box } => ({ box: { x, y: 0, width: 10, height: 10 } });

  it('leave the best one', () => {
    // Shifted by 2: common 80, joint 120, IoU 2/3; by 8: 20 / 180 = 1/9.
    const [best, near, far] = [at(0), at(2), at(8)];
    expect(suppressOverlaps([best, near, far], 0.3)).toEqual([best, far]);
  });

  it('may overlap as much as is allowed', () => {
    // Shifted by 5: IoU 50 / 150.
    const pair = [at(0), at(5)];
    expect(suppressOverlaps(pair, 50 / 150)).toEqual(pair);
    expect(suppressOverlaps(pair, 0.33)).toEqual([pair[0]]);
  });

  it('that were themselves suppressed suppress nothing', () => {
    // The second falls to the first (IoU 0.43); the third touches only the second (IoU 0.43) and stays.
    const three = [at(0), at(4), at(8)];
    expect(suppressOverlaps(three, 0.3)).toEqual([three[0], three[2]]);
  });

  it('never remain, and nothing is lost without a better one', () => {
    const random = seeded(3);
    const items = Array.from({ length: 60 }, () => ({
      box: { x: 30 * random(), y: 30 * random(), width: 5 + 10 * random(), height: 5 + 10 * random() },
    }));
    const kept = suppressOverlaps(items, 0.3);
    for (const [i, item] of items.entries()) {
      const better = kept.filter((other) => items.indexOf(other) < i);
      expect(kept.includes(item)).toBe(better.every((other) => iou(other.box, item.box) <= 0.3));
    }
    expect(kept.length).toBeLessThan(items.length);
  });
});
