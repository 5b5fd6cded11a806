// A device's frames as frames to analyse; how a recording is read as a file is tested from end to end (depth-recording.test.ts).
import { beforeEach, describe, expect, it } from 'vitest';
import type { AllocateSlot, SlottedFrame } from '../../../src/main/engine/ports.ts';
import type { DepthFrame } from '../../../src/main/sources/depth-source.ts';
import { DepthFrames } from '../../../src/main/sources/depth-frames.ts';
import { frameBytesWith } from '../../../src/main/core/frame.ts';
import { ScriptedDepth, testFrame } from '../../fixtures/kinect.ts';

let device: ScriptedDepth;
let frames: DepthFrames;
let nowMs = 10_000;
const clock = { monotonicMs: () => nowMs, unixMs: () => 1_700_000_000_000, uptimeMs: () => 50_000 };
const nothing = new Uint16Array(640 * 480).fill(2047);

const allocate: AllocateSlot = (format, width, height, depth) =>
  Promise.resolve({ id: 0, bytes: new Uint8Array(frameBytesWith(depth, format, width, height)) });

/** A frame of this number at this time, with so many colour pictures lost since the device was opened. */
const lostBefore = (number: number, ms: number, color: number, isAfterGap = false): DepthFrame => ({
  ...testFrame(number, ms, nothing),
  dropped: { color, depth: 0 },
  isAfterGap,
});

async function mustNext(): Promise<SlottedFrame> {
  const frame = await frames.next(allocate);
  if (!frame) throw new Error('there is no frame');
  return frame;
}

beforeEach(() => {
  nowMs = 10_000;
  device = new ScriptedDepth();
  frames = DepthFrames.live(device, clock);
});

describe('frames of a device', () => {
  it('are those of a camera that is unique', () => {
    expect(frames.info).toMatchObject({ kind: 'camera', name: 'Kinect v1', width: 640, height: 480, durationMs: null });
    expect(frames.info.details).toEqual({ sensor: 'kinect-v1', driver: 'test', depth: 'raw-11' });
    expect(frames.info.sha256).not.toBe(DepthFrames.live(device, clock).info.sha256);
  });

  it('begin with the first one: what was lost before nobody has waited for', async () => {
    device.give(lostBefore(0, 9000, 60), lostBefore(1, 9033, 60));
    expect(await frames.begin()).toBe(1_699_999_999_000); // a second ago
    expect(await frames.begin()).toBe(1_699_999_999_000);
    expect(await mustNext()).toMatchObject({
      sequence: 0,
      timeMs: 0,
      droppedBefore: 0,
      capturedUnixMs: 1_699_999_999_000,
    });
    expect(await mustNext()).toMatchObject({ sequence: 1, timeMs: 33, droppedBefore: 0 });
  });

  it('count what was lost between them in their numbers', async () => {
    device.give(lostBefore(0, 9000, 5), lostBefore(1, 9100, 7), lostBefore(2, 9133, 7));
    const three = [await mustNext(), await mustNext(), await mustNext()];
    expect(three.map(({ sequence, droppedBefore }) => [sequence, droppedBefore])).toEqual([
      [0, 0],
      [3, 2],
      [4, 0],
    ]);
  });

  it('leave a number for a gap, in which is lost what was lost', async () => {
    device.give(lostBefore(0, 5000, 0), lostBefore(1, 5040, 0), lostBefore(2, 7040, 1, true), lostBefore(3, 7080, 1));
    await mustNext();
    expect(await mustNext()).not.toHaveProperty('gapBefore');
    expect(await mustNext()).toMatchObject({
      ...{ sequence: 4, timeMs: 2040, droppedBefore: 0 },
      gapBefore: { kind: 'camera_lost', sequence: 3, timeMs: 80, droppedBefore: 1 },
    });
    expect(await mustNext()).toMatchObject({ sequence: 5, timeMs: 2080, droppedBefore: 0 });
  });

  it('hold colour and depth in one slot', async () => {
    device.give(testFrame(7, 9000, new Uint16Array(640 * 480).fill(700)));
    const { slot, depth, format } = await mustNext();
    expect(format).toBe('rgba');
    expect([...slot.bytes.subarray(0, 8)]).toEqual([7, 90, 90, 255, 90, 90, 90, 255]);
    expect(depth).toMatchObject({ width: 640, height: 480, sensor: 'kinect-v1', focalPx: 525 });
    expect(new Set(slot.bytes.subarray(4 * 640 * 480)).size).toBeGreaterThan(1); // depth lies behind the colours
  });

  it('say at their end that the device was gone, which no row can', async () => {
    device.give(lostBefore(0, 9000, 0), lostBefore(1, 9033, 0));
    await mustNext();
    await mustNext();
    const next = frames.next(allocate);
    nowMs = 20_033;
    await frames.close();
    expect(await next).toBeNull();
    expect(frames.problems).toEqual(['The camera gave nothing in the last 11.0 s of the recording.']);
  });

  it('have nothing to say at their end where all was well', async () => {
    device.give(lostBefore(0, 9967, 0));
    await mustNext();
    await frames.close();
    expect(await frames.next(allocate)).toBeNull();
    expect(frames.problems).toEqual([]);
  });

  it('end when the source is closed, also before there is one', async () => {
    const first = frames.begin();
    await frames.close();
    expect(await first).toBeNull();
    expect(await frames.next(allocate)).toBeNull();
    expect(device.isClosed).toBe(true);
  });
});
