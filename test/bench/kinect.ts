// How well depth is captured: node test/bench/kinect.ts [seconds] [pause]. libfreenect's fake driver plays a recording at a Kinect's rate
// in the sensor's own process; `pause` are milliseconds that the reader does something else after each frame. Prints one JSON object: the
// pictures of each stream that the driver delivered, the frames that were read, the way from the driver's callback to JavaScript, shares of
// a core, drops, buffers that were lost, and memory of the sensor's process, which must not grow. It measures, it does not judge.
import { linkSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { forkSensor } from '../../src/main/sources/kinect/forked-sensor.ts';
import { KinectV1Source } from '../../src/main/sources/kinect/kinect-v1.ts';
import { INDEX_NAME, nameOf } from '../../src/main/sources/kinect/recording-format.ts';
import type { SensorProcess } from '../../src/main/sources/kinect/sensor-process.ts';
import { FAKENECT, hasAddon } from '../fixtures/fakenect.ts';
import { clock, kinectFolder, writeRecording } from '../fixtures/kinect.ts';

const seconds = Number(process.argv[2] ?? 60);
const pauseMs = Number(process.argv[3] ?? 0);
const RATE = 30;
const DISTINCT = 15;
const SAMPLES = 10;

/** A long recording of few pictures, each under many names. */
function lengthen(folder: string): void {
  const names = readdirSync(folder).sort();
  const [depths, colors] = ['d-', 'r-'].map((letter) => names.filter((name) => name.startsWith(letter)));
  const index: string[] = [];
  for (let i = 0; i < seconds * RATE; i++) {
    const unixS = 1_800_000_000 + i / RATE;
    const color = nameOf('color', unixS, 2_000_000 * i);
    const depth = nameOf('depth', unixS + 0.008, 2_000_000 * i + 480_000);
    linkSync(join(folder, colors[i % DISTINCT]), join(folder, color));
    linkSync(join(folder, depths[i % DISTINCT]), join(folder, depth));
    index.push(color, depth);
  }
  writeFileSync(join(folder, INDEX_NAME), `${index.join('\n')}\n`);
}

/** Seconds of a processor that a process has used, and its memory in MB (Linux). */
function usageOf(pid: number): { cpuS: number; mb: number } {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  const mb = Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
  return { cpuS: (Number(fields[11]) + Number(fields[12])) / 100, mb };
}

const quantile = (values: readonly number[], share: number): number =>
  values.toSorted((p, q) => p - q)[Math.min(values.length - 1, Math.floor(share * values.length))];

if (!hasAddon || FAKENECT === null) throw new Error('it needs the addon ("npm run setup") and libfreenect0.5');
const place = kinectFolder();
try {
  const folder = join(place.path, 'recording');
  await writeRecording(folder, DISTINCT);
  lengthen(folder);
  let sensor: SensorProcess | null = null;
  let lostBuffers: number | null = null;
  const launch = (): SensorProcess => {
    const started = forkSensor({ FAKENECT_PATH: folder });
    sensor = {
      ...started,
      onReply: (listener) =>
        started.onReply((reply) => {
          if (reply.kind === 'finished') ({ lostBuffers } = reply);
          listener(reply);
        }),
    };
    return sensor;
  };
  const source = await KinectV1Source.open({ index: 0, wantsRaw: true, libraries: [FAKENECT], clock, launch });
  const pid = (sensor as SensorProcess | null)?.pid ?? 0;
  const [cpuBefore, ownBefore, startMs] = [usageOf(pid).cpuS, process.cpuUsage(), performance.now()];
  const callbackMs: number[] = [];
  const readMs: number[] = [];
  const memoryMb: number[] = [];
  let [cpuS, elapsedMs, dropped] = [cpuBefore, 0, { color: 0, depth: 0 }];
  for (let frame = await source.next(); frame; frame = await source.next()) {
    elapsedMs = performance.now() - startMs;
    callbackMs.push(source.callbackMs);
    readMs.push(clock.monotonicMs() - Math.max(frame.color.hostMs, frame.depth.hostMs));
    dropped = frame.dropped;
    if (elapsedMs > (1000 * seconds * memoryMb.length) / SAMPLES) {
      const usage = usageOf(pid);
      memoryMb.push(Math.round(usage.mb));
      cpuS = usage.cpuS;
    }
    if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  const own = process.cpuUsage(ownBefore);
  await source.close();
  const elapsedS = elapsedMs / 1000;
  const frames = callbackMs.length;
  console.log(
    JSON.stringify({
      seconds: elapsedS,
      color_fps: (frames + dropped.color - 1) / elapsedS,
      depth_fps: (frames + dropped.depth - 1) / elapsedS,
      frames_read_fps: (frames - 1) / elapsedS,
      callback_to_javascript_p95_ms: quantile(callbackMs, 0.95),
      callback_to_reader_p95_ms: quantile(readMs, 0.95),
      sensor_core_share: (cpuS - cpuBefore) / elapsedS,
      reader_core_share: (own.user + own.system) / 1e6 / elapsedS,
      dropped,
      lost_buffers: lostBuffers,
      sensor_mb: memoryMb,
    }),
  );
} finally {
  place.remove();
}
