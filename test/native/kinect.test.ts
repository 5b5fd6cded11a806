// The addon against a driver that does what tests tell it to, in this very process.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  COLOR,
  DEPTH,
  DEPTH_RAW_11,
  DEPTH_REGISTERED,
  RING,
  loadKinect,
  type CaptureSettings,
  type KinectV1,
} from '../../src/native/index.ts';
import { ADDON, hasAddon } from '../fixtures/fakenect.ts';
import { HEIGHT, WIDTH, kinectFolder, makeStub, matching, withEnvironment } from '../fixtures/kinect.ts';

const ring = (bytes: number): Uint8Array[] => Array.from({ length: RING }, () => new Uint8Array(bytes));

function settings(limit = 1): CaptureSettings {
  return {
    index: 0,
    depthFormats: [DEPTH_REGISTERED, DEPTH_RAW_11],
    color: { limit, buffers: ring(3 * WIDTH * HEIGHT) },
    depth: { limit, buffers: ring(2 * WIDTH * HEIGHT) },
  };
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A capture at work; `changed` resolves with the next news. */
class Run {
  readonly #device: KinectV1;
  #wake: () => void = () => undefined;
  knocks = 0;

  constructor(device: KinectV1, given: CaptureSettings) {
    this.#device = device;
    device.start(given, () => {
      this.knocks++;
      this.#wake();
    });
  }

  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  async stop(): Promise<void> {
    this.#device.stop();
    await this.until(() => this.#device.status().phase === 'ended');
  }
}

describe('what cannot be loaded is explained', () => {
  it('an addon that was not built', () => {
    const found = loadKinect(new URL('no-such.node', import.meta.url));
    expect(found).toMatchObject({
      state: 'no-addon',
      words: matching(/was not built/),
      remedy: matching(/npm run setup/),
    });
  });

  it('an addon that is none', () => {
    expect(loadKinect(new URL(import.meta.url))).toMatchObject({
      state: 'no-addon',
      words: matching(/cannot be loaded/),
    });
  });
});

describe.skipIf(!hasAddon)('the addon', () => {
  const place = kinectFolder();
  let library = '';
  beforeAll(() => {
    library = makeStub(place.path);
  });
  afterAll(() => place.remove());

  const open = (): KinectV1 => {
    const found = loadKinect(ADDON, { libraries: [library], env: {} });
    if (found.state !== 'ready') throw new Error(found.words);
    expect(found.isFake).toBe(false);
    return found.driver;
  };

  it('says that there is no driver, and what one lacks that is none', () => {
    const libraries = ['/no/such/libfreenect.so'];
    expect(loadKinect(ADDON, { libraries })).toMatchObject({
      state: 'no-driver',
      words: matching(/is not installed\.$/),
    });
    libraries.push('libm.so.6');
    expect(loadKinect(ADDON, { libraries })).toMatchObject({
      state: 'no-driver',
      words: matching(/cannot be used \(libm\.so\.6: without freenect_init, .*freenect_stop_video\)\.$/),
    });
  });

  it('takes the first library that works, and knows a fake one by its surroundings', () => {
    const libraries = ['/no/such/libfreenect.so', library];
    expect(loadKinect(ADDON, { libraries, env: {} })).toMatchObject({ state: 'ready', library, isFake: false });
    expect(loadKinect(ADDON, { libraries, env: { FAKENECT_PATH: '' } })).toMatchObject({ isFake: true });
  });

  it('lists devices with their serial numbers', async () => {
    expect(open().devices()).toEqual(['STUB0001']);
    const none = await withEnvironment({ STUB_DEVICES: '0' }, () => Promise.resolve(open().devices()));
    expect(none).toEqual([]);
  });

  it("delivers whole pictures in their order, with the device's time", async () => {
    const device = open();
    const given = settings();
    const run = new Run(device, given);
    const seen: number[] = [];
    for (let i = 0; i < 20;) {
      const picture = device.take(COLOR);
      if (!picture) {
        await run.until(() => true);
        await pause(1);
        continue;
      }
      const bytes = given.color.buffers[picture.slot];
      const count = (picture.deviceTime - 1) / 2_000_000;
      expect(bytes.every((value) => value === (count & 0x7f))).toBe(true);
      expect(picture.ageMs).toBeGreaterThanOrEqual(0);
      seen.push(count);
      device.giveBack(COLOR, picture.slot);
      i++;
    }
    expect(seen).toEqual(seen.toSorted((p, q) => p - q));
    expect(new Set(seen).size).toBe(seen.length);
    expect(device.status()).toEqual({ phase: 'running', step: '', code: 0, depthFormat: DEPTH_REGISTERED });
    await run.stop();
  });

  it('does not write into a picture that is taken, drops the oldest of the others and counts it', async () => {
    const device = open();
    const given = settings(2);
    const run = new Run(device, given);
    await run.until(() => device.counts(DEPTH).received > 0);
    const held = device.take(DEPTH);
    if (!held) throw new Error('nothing was taken');
    const value = given.depth.buffers[held.slot][0];
    await run.until(() => device.counts(DEPTH).received >= 15);
    expect(given.depth.buffers[held.slot].every((byte) => byte === value)).toBe(true);
    await run.stop();
    const { received, dropped } = device.counts(DEPTH);
    expect(received - dropped).toBe(3); // the one that is held, and two that wait
    expect(device.counts(COLOR)).toEqual({ received, dropped: received - 2, taken: 0 });
    expect(device.counts(DEPTH).taken).toBe(1);
  });

  it('loses what comes when JavaScript holds everything', async () => {
    const device = open();
    const run = new Run(device, settings(3));
    const slots = new Set<number>();
    await run.until(() => {
      for (let taken = device.take(COLOR); taken; taken = device.take(COLOR)) slots.add(taken.slot);
      return slots.size === 3;
    });
    const before = device.counts(COLOR).received;
    await run.until(() => device.counts(COLOR).received >= before + 5);
    expect(device.take(COLOR)).toBeNull();
    await run.stop();
    const { received, dropped } = device.counts(COLOR);
    expect(received - dropped).toBe(3);
  });

  it('knocks once for what JavaScript was too busy to hear', async () => {
    const device = open();
    const run = new Run(device, settings());
    await run.until(() => device.status().phase === 'running');
    const before = run.knocks;
    const until = performance.now() + 100;
    while (performance.now() < until); // about 20 pictures of each stream
    await pause(0);
    expect(run.knocks - before).toBeLessThanOrEqual(2);
    await run.stop();
  });

  it('falls back to raw depth where the library does not register', async () => {
    await withEnvironment({ STUB_REGISTERS: '0' }, async () => {
      const device = open();
      const run = new Run(device, settings());
      await run.until(() => device.status().phase === 'running');
      expect(device.status().depthFormat).toBe(DEPTH_RAW_11);
      await run.stop();
    });
  });

  it.each([
    'freenect_init',
    'freenect_open_device',
    'freenect_find_depth_mode',
    'freenect_find_video_mode',
    'freenect_set_depth_mode',
    'freenect_set_video_mode',
    'freenect_set_depth_buffer',
    'freenect_set_video_buffer',
    'freenect_start_depth',
    'freenect_start_video',
  ])('says that %s failed', async (step) => {
    await withEnvironment({ STUB_FAILS: step }, async () => {
      const device = open();
      await new Run(device, settings()).until(() => device.status().phase === 'ended');
      expect(device.status()).toMatchObject({ step, code: step.includes('find') ? -1 : -7 });
    });
  });

  it('says that there is no device, and that one was unplugged', async () => {
    await withEnvironment({ STUB_DEVICES: '0' }, async () => {
      const device = open();
      await new Run(device, settings()).until(() => device.status().phase === 'ended');
      expect(device.status()).toMatchObject({ step: 'freenect_num_devices' });
    });
    await withEnvironment({ STUB_THEN: 'unplug', STUB_FRAMES: '5' }, async () => {
      const device = open();
      await new Run(device, settings()).until(() => device.status().phase === 'ended');
      expect(device.status()).toMatchObject({ step: 'freenect_process_events', code: -1 });
      expect(device.counts(COLOR).received).toBe(5);
    });
  });

  it('refuses a picture that is larger than its buffer', async () => {
    const device = open();
    const small = { ...settings(), depth: { limit: 1, buffers: ring(2 * WIDTH * HEIGHT - 1) } };
    await new Run(device, small).until(() => device.status().phase === 'ended');
    expect(device.status()).toMatchObject({ step: 'freenect_find_depth_mode' });
  });

  it('refuses misuse', async () => {
    const device = open();
    const good = settings();
    const start = (change: object) => () => device.start({ ...good, ...change }, () => undefined);
    expect(start({ color: { limit: 4, buffers: good.color.buffers } })).toThrow('limit of 1 to 3');
    expect(start({ color: { limit: 0, buffers: good.color.buffers } })).toThrow('limit of 1 to 3');
    expect(start({ color: { limit: 1, buffers: good.color.buffers.slice(1) } })).toThrow('4 buffers');
    expect(start({ depth: { limit: 1, buffers: [...ring(8).slice(1), new Uint8Array(9)] } })).toThrow('several sizes');
    expect(start({ depth: { limit: 1, buffers: ring(8).map((bytes) => Uint16Array.from(bytes)) } })).toThrow(
      'no Uint8Array',
    );
    expect(start({ index: 'first' })).toThrow('index is no number');
    const run = new Run(device, good);
    expect(start({})).toThrow('at work already');
    expect(() => device.devices()).toThrow('at work');
    expect(() => device.giveBack(COLOR, 0)).toThrow('was not taken');
    expect(() => device.giveBack(COLOR, 9)).toThrow('was not taken');
    expect(() => device.take(2 as typeof COLOR)).toThrow('no such stream');
    await run.stop();
  });

  it('stops at any moment, and begins again', async () => {
    const device = open();
    for (let i = 0; i < 12; i++) {
      const run = new Run(device, settings());
      await pause(i);
      await run.stop();
      expect(device.status().step).toBe('');
      expect(device.take(COLOR)).toBeNull();
    }
  });

  it('lets go of the buffers when it has ended', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const device = open();
    const collected = new Set<number>();
    const registry = new FinalizationRegistry<number>((i) => collected.add(i));
    const once = async (i: number): Promise<void> => {
      const given = settings();
      for (const bytes of [...given.color.buffers, ...given.depth.buffers]) registry.register(bytes.buffer, i);
      const run = new Run(device, given);
      await pause(10);
      await run.stop();
    };
    for (let i = 0; i < 10; i++) await once(i);
    for (let tries = 0; tries < 20 && collected.size < 9; tries++) {
      collect();
      await pause(10);
    }
    expect(collected.size).toBeGreaterThanOrEqual(9); // the last one may still be on the stack
  });

  it('does not keep a program from ending in the middle of a capture', () => {
    const script = fileURLToPath(new URL('../fixtures/kinect-leaver.ts', import.meta.url));
    for (const how of ['exit', 'throw']) {
      const { status, signal, stdout } = spawnSync(process.execPath, [script, library, how], { encoding: 'utf8' });
      expect([how, status, signal, stdout]).toEqual([how, how === 'exit' ? 0 : 1, null, 'running\n']);
    }
  });
});
