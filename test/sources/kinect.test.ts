// A Kinect v1 from the driver's callback to a frame, its process included: with a driver that misbehaves on demand, and with the fake
// one that libfreenect brings.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { isRunning } from '../../src/main/platform/programs.ts';
import type { DepthFrame } from '../../src/main/sources/depth-source.ts';
import { KinectV1Source, type KinectV1Options, type SensorTrouble } from '../../src/main/sources/kinect/kinect-v1.ts';
import { probeKinect } from '../../src/main/sources/kinect/probe.ts';
import { forkSensor } from '../../src/main/sources/kinect/forked-sensor.ts';
import type { SensorProcess } from '../../src/main/sources/kinect/sensor-process.ts';
import { FAKENECT, hasAddon } from '../fixtures/fakenect.ts';
import { clock, kinectFolder, makeStub, matching, writeRecording } from '../fixtures/kinect.ts';

const place = kinectFolder();
afterAll(() => place.remove());

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Opens a source whose process has these words in its environment; it is closed at the end of the test at the latest. */
async function open(
  library: string,
  env: Readonly<Record<string, string>>,
  options: Partial<KinectV1Options> = {},
): Promise<KinectV1Source> {
  const launch = (): SensorProcess => forkSensor(env);
  const source = await KinectV1Source.open({
    index: 0,
    wantsRaw: false,
    libraries: [library],
    clock,
    launch,
    ...options,
  });
  onTestFinished(() => source.close());
  return source;
}

async function mustNext(source: KinectV1Source): Promise<DepthFrame> {
  const frame = await source.next();
  if (!frame) throw new Error('there is no frame');
  return frame;
}

describe.skipIf(!hasAddon)('a Kinect v1', () => {
  let stub = '';
  beforeAll(() => {
    stub = makeStub(place.path);
  });

  it('gives pairs of pictures, registered where the library can, with times on our clock', async () => {
    // At a Kinect's rate: pictures 5 ms apart may be paired crosswise where a busy machine has dropped one of them.
    const source = await open(stub, { STUB_PERIOD_MS: '33' });
    expect(source.facts).toMatchObject({
      sensor: 'kinect-v1',
      serial: 'STUB0001',
      driver: stub,
      depthKind: 'registered',
    });
    let lastMs = -Infinity;
    for (let i = 0; i < 5; i++) {
      const { sequence, color, depth, isAfterGap } = await mustNext(source);
      if (depth.kind !== 'registered') throw new Error('raw depth');
      const count = depth.deviceTime / 2_000_000;
      expect(sequence).toBe(i);
      expect(isAfterGap).toBe(false);
      expect(color.rgb.every((value) => value === (count & 0x7f))).toBe(true);
      expect(depth.map.mm.every((value) => value === 0x101 * (count & 0x7f))).toBe(true);
      expect(depth.map).toMatchObject({ width: 640, height: 480, focalPx: 525, centerX: 320, centerY: 240 });
      expect(color.deviceTime).toBe(depth.deviceTime + 1);
      expect(color.hostMs).toBeGreaterThan(lastMs);
      expect(clock.monotonicMs() - color.hostMs).toBeGreaterThanOrEqual(0);
      lastMs = color.hostMs;
    }
  });

  it('gives raw depth to whoever records it, and where the library cannot register', async () => {
    const recorder = await open(stub, {}, { wantsRaw: true });
    expect(recorder.facts.depthKind).toBe('raw-11');
    expect((await mustNext(recorder)).depth).toMatchObject({ kind: 'raw-11', width: 640, height: 480 });
    const old = await open(stub, { STUB_REGISTERS: '0' });
    expect(old.facts.depthKind).toBe('raw-11');
  });

  it('gives a slow reader the newest, and counts what it has missed', async () => {
    const source = await open(stub, {});
    const first = await mustNext(source);
    const before = { count: first.depth.deviceTime / 2_000_000, dropped: first.dropped.depth };
    await pause(300);
    await mustNext(source);
    const third = await mustNext(source);
    const missed = third.depth.deviceTime / 2_000_000 - before.count - 2;
    // What the driver has lost meanwhile may be counted already.
    expect(third.dropped.depth - before.dropped).toBeGreaterThanOrEqual(missed);
    expect(third.dropped.color - first.dropped.color).toBeGreaterThanOrEqual(missed);
    expect(missed).toBeGreaterThan(10);
  });

  it('says what is missing: library, device, permission', async () => {
    await expect(open('/no/such/libfreenect.so', {})).rejects.toMatchObject({
      code: 'device_missing',
      message: matching(/is not installed/),
    });
    await expect(open(stub, { STUB_DEVICES: '0' })).rejects.toMatchObject({ message: 'No Kinect v1 is plugged in.' });
    await expect(open(stub, { STUB_FAILS: 'freenect_open_device' })).rejects.toMatchObject({ code: 'device_busy' });
    await expect(open(stub, { STUB_FAILS: 'freenect_start_depth' })).rejects.toMatchObject({
      message: 'The Kinect does not begin to send pictures (freenect_start_depth returned -7).',
    });
  });

  it('is busy while another process has it, and free when that one has closed it', async () => {
    const env = { STUB_LOCK: join(place.path, 'device') };
    const first = await open(stub, env);
    await mustNext(first);
    await expect(open(stub, env)).rejects.toMatchObject({ code: 'device_busy' });
    await mustNext(first);
    await first.close();
    await mustNext(await open(stub, env));
  });

  it.each([
    ['unplug', 'The Kinect was unplugged or does not answer.'],
    ['crash', 'The driver of the Kinect has stopped unexpectedly.'],
    ['exit', 'The driver of the Kinect has stopped unexpectedly (code 1).'],
    ['hang', 'The Kinect does not send pictures any more.'],
  ])('comes back after it has gone by %s', async (then, message) => {
    const troubles: SensorTrouble[] = [];
    let launches = 0;
    const launch = (): SensorProcess => forkSensor(launches++ === 0 ? { STUB_THEN: then, STUB_FRAMES: '20' } : {});
    const options = {
      launch,
      retryMs: [10, 10],
      silentMs: 1000,
      onTrouble: (trouble: SensorTrouble) => troubles.push(trouble),
    };
    const source = await open(stub, {}, options);
    const frames: { sequence: number; isAfterGap: boolean; dropped: number }[] = [];
    do {
      const { sequence, isAfterGap, dropped } = await mustNext(source);
      frames.push({ sequence, isAfterGap, dropped: dropped.color });
    } while (!frames.at(-1)?.isAfterGap);
    const { isAfterGap } = await mustNext(source);
    expect(isAfterGap).toBe(false);
    expect(frames.map(({ sequence }) => sequence)).toEqual(frames.map((_, i) => i));
    const dropped = frames.map((frame) => frame.dropped);
    expect(dropped).toEqual(dropped.toSorted((p, q) => p - q)); // the count goes on
    expect(troubles).toMatchObject([{ error: { code: 'device_missing', message }, retryInMs: 10 }]);
    expect(launches).toBe(2);
  });

  it('is given up when it does not come back, and says so from then on', async () => {
    const troubles: SensorTrouble[] = [];
    let launches = 0;
    const launch = (): SensorProcess =>
      forkSensor(launches++ === 0 ? { STUB_THEN: 'unplug', STUB_FRAMES: '3' } : { STUB_DEVICES: '0' });
    const options = { launch, retryMs: [5, 6], onTrouble: (trouble: SensorTrouble) => troubles.push(trouble) };
    const source = await open(stub, {}, options);
    const untilGone = async (): Promise<void> => {
      for (;;) await source.next();
    };
    await expect(untilGone()).rejects.toMatchObject({ message: 'No Kinect v1 is plugged in.' });
    await expect(source.next()).rejects.toMatchObject({ code: 'device_missing' });
    expect(troubles.map(({ retryInMs }) => retryInMs)).toEqual([5, 6, null]);
    expect(launches).toBe(3);
  });

  it('closes at any moment: while a frame is waited for, twice, while it is looked for, and when its driver hangs', async () => {
    const source = await open(stub, {});
    const frame = source.next();
    await Promise.all([source.close(), source.close()]);
    expect((await frame) === null || (await frame)?.sequence === 0).toBe(true);
    expect(await source.next()).toBeNull();

    const lost = await open(stub, { STUB_THEN: 'unplug', STUB_FRAMES: '0' }, { retryMs: [100_000] });
    const never = lost.next();
    await pause(200);
    await lost.close();
    expect(await never).toBeNull();

    const stuck = await open(stub, { STUB_PERIOD_MS: '60000' });
    await stuck.close();
  });

  it('leaves no process behind', async () => {
    const pids: number[] = [];
    const launch = (): SensorProcess => {
      const started = forkSensor({});
      pids.push(started.pid ?? 0);
      return started;
    };
    const source = await open(stub, {}, { launch });
    await mustNext(source);
    expect(isRunning(pids[0], { foreign: 'counts' })).toBe(true);
    await source.close();
    expect(isRunning(pids[0], { foreign: 'counts' })).toBe(false);
  });

  it('leaves none behind even where its own program is killed', async () => {
    const script = fileURLToPath(new URL('../fixtures/kinect-keeper.ts', import.meta.url));
    const keeper = spawn(process.execPath, [script, stub], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [text] = (await once(keeper.stdout, 'data')) as [Buffer];
    const pid = Number(text.toString());
    expect(isRunning(pid, { foreign: 'counts' })).toBe(true);
    keeper.kill('SIGKILL');
    await vi.waitFor(() => expect(isRunning(pid, { foreign: 'counts' })).toBe(false), { timeout: 30_000 });
  });

  it('allows one call at a time', async () => {
    const source = await open(stub, {});
    const frame = source.next();
    expect(() => source.next()).toThrow('one call at a time');
    await frame;
  });

  it('is found by a probe, which says what there is and survives what there is', async () => {
    const launch = (env: Record<string, string>) => (): SensorProcess => forkSensor(env);
    expect(await probeKinect({ libraries: [stub], launch: forkSensor })).toEqual({
      state: 'ready',
      words: stub,
      remedy: null,
      devices: ['STUB0001'],
    });
    expect(await probeKinect({ libraries: [stub], launch: launch({ STUB_DEVICES: '0' }) })).toMatchObject({
      devices: [],
    });
    expect(await probeKinect({ libraries: ['/no/such.so'], launch: forkSensor })).toMatchObject({
      state: 'no-driver',
      words: matching(/is not installed/),
    });
    await expect(
      probeKinect({ libraries: [stub], launch: launch({ STUB_FAILS: 'freenect_init' }) }),
    ).rejects.toMatchObject({ message: 'freenect_init failed' });
  });
});

describe.skipIf(!hasAddon || !FAKENECT)('the fake Kinect of libfreenect', () => {
  const FRAMES = 45;
  const recording = join(place.path, 'recording');
  const library = FAKENECT ?? '';
  beforeAll(() => writeRecording(recording, FRAMES));

  it('plays a recording of our own writer to its end', async () => {
    const source = await open(library, { FAKENECT_PATH: recording });
    expect(source.facts).toMatchObject({ serial: null, depthKind: 'raw-11', driver: library });
    let [last, lastMs] = [-1, -Infinity];
    for (let frame = await source.next(); frame; frame = await source.next()) {
      const { color, depth, sequence, dropped } = frame;
      if (depth.kind !== 'raw-11') throw new Error('a fake library cannot register');
      const [number] = color.rgb;
      expect(depth.disparity[0]).toBe(number);
      expect(Math.abs(depth.disparity[240 * 640 + 320] - 700)).toBeLessThanOrEqual(1);
      expect(color.deviceTime).toBe(2_000_000 * number);
      expect(number).toBeGreaterThan(last);
      expect(color.hostMs).toBeGreaterThan(lastMs);
      expect(dropped.color).toBeGreaterThanOrEqual(number - sequence);
      [last, lastMs] = [number, color.hostMs];
    }
    expect(last).toBeGreaterThan(0);
    expect(await source.next()).toBeNull();
  });

  it('is stopped in mid-stream, by us and by force', async () => {
    const troubles: SensorTrouble[] = [];
    const processes: SensorProcess[] = [];
    const launch = (): SensorProcess => {
      processes.push(forkSensor({ FAKENECT_PATH: recording }));
      return processes[processes.length - 1];
    };
    const source = await open(library, {}, { launch, retryMs: [10], onTrouble: (trouble) => troubles.push(trouble) });
    await mustNext(source);
    processes[0].kill();
    let frame = await mustNext(source);
    while (!frame.isAfterGap) frame = await mustNext(source);
    expect(troubles).toMatchObject([{ error: { message: 'The driver of the Kinect has stopped unexpectedly.' } }]);
    await source.close();
    expect(processes).toHaveLength(2);
  });

  it('is never given a folder that it would end the process for', async () => {
    const copy = (name: string): string => {
      cpSync(recording, join(place.path, name), { recursive: true });
      return join(place.path, name);
    };
    const refused = (env: Record<string, string>, code: string, message: RegExp): Promise<void> =>
      expect(open(library, env)).rejects.toMatchObject({ code, message: matching(message) });
    const [, picture = ''] = (await readdir(recording)).filter((name) => name.startsWith('d-')).sort();
    await refused({}, 'input_missing', /no recording to play/);
    await refused({ FAKENECT_PATH: join(place.path, 'nowhere') }, 'input_missing', /There is no folder/);
    await refused({ FAKENECT_PATH: place.path }, 'input_unsupported', /has no INDEX\.txt/);
    const short = copy('short');
    truncateSync(join(short, picture), 1000);
    await refused({ FAKENECT_PATH: short }, 'input_unreadable', /is damaged/);
    const holes = copy('holes');
    rmSync(join(holes, picture));
    await refused({ FAKENECT_PATH: holes }, 'input_unreadable', /is missing/);
    const empty = join(place.path, 'empty');
    mkdirSync(empty);
    writeFileSync(join(empty, 'INDEX.txt'), '');
    await refused({ FAKENECT_PATH: empty }, 'input_empty', /no color pictures/);
    await expect(
      probeKinect({ libraries: [library], launch: () => forkSensor({ FAKENECT_PATH: short }) }),
    ).rejects.toMatchObject({ code: 'input_unreadable' });
  });
});
