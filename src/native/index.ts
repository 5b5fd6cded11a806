// Loads the part that speaks with a Kinect v1, or explains why there is none: that is a state of the machine, not an error. The
// addon finds libfreenect when it is asked to, so that Mien is built and runs where neither is installed.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { isMainThread } from 'node:worker_threads';

/** Streams by the addon's numbers. */
export const COLOR = 0;
export const DEPTH = 1;
export type StreamNumber = typeof COLOR | typeof DEPTH;

/** Depth formats by libfreenect's numbers: raw 11-bit disparity, and millimetres in the colour camera's geometry. */
export const DEPTH_RAW_11 = 0;
export const DEPTH_REGISTERED = 4;

/** Buffers of a stream; the addon takes neither more nor less. */
export const RING = 4;

export interface StreamBuffers {
  /** How many filled buffers may wait to be taken, 1 to 3; of more, the oldest is dropped and counted. */
  readonly limit: number;
  /** {@link RING} buffers of one size. They must never be transferred: the driver writes into them. */
  readonly buffers: readonly Uint8Array[];
}

export interface CaptureSettings {
  /** Which Kinect, from 0 on. */
  readonly index: number;
  /** Wanted depth formats; the first that the library has is used. */
  readonly depthFormats: readonly number[];
  readonly color: StreamBuffers;
  readonly depth: StreamBuffers;
}

/** A filled buffer. It is the taker's until it is given back. */
export interface TakenPicture {
  readonly slot: number;
  /** The device's own 60 MHz clock, which begins anew after 2^32 ticks. */
  readonly deviceTime: number;
  /** Milliseconds since the driver handed the picture over. */
  readonly ageMs: number;
}

export interface PictureCounts {
  /** Pictures that the driver has delivered. */
  readonly received: number;
  /** Those of them that were dropped because nobody took them in time. */
  readonly dropped: number;
  /** Those that were taken and not given back yet. */
  readonly taken: number;
}

export interface CaptureStatus {
  readonly phase: 'starting' | 'running' | 'ended';
  /** Function of libfreenect that failed; empty where none did. */
  readonly step: string;
  /** What it returned. */
  readonly code: number;
  /** See {@link CaptureSettings.depthFormats}; -1 before it is known. */
  readonly depthFormat: number;
}

/** An open libfreenect and at most one capture of it. Misuse throws. */
export interface KinectV1 {
  /** Functions that not every libfreenect has and this one has, without "freenect_". */
  readonly extras: readonly string[];
  /** Serial numbers of the devices, empty where the library does not tell. Not while a capture runs. */
  devices(): string[];
  /** Begins in a thread of its own; `onChange` is called for every news: look at status and take everything. */
  start(settings: CaptureSettings, onChange: () => void): void;
  status(): CaptureStatus;
  /** The oldest picture that waits; null where none does. */
  take(stream: StreamNumber): TakenPicture | null;
  giveBack(stream: StreamNumber, slot: number): void;
  /** Of the capture that runs, or of the last one. */
  counts(stream: StreamNumber): PictureCounts;
  /** Asks the thread to end; the phase becomes "ended" when it has. */
  stop(): void;
}

interface Addon {
  /** Opens a libfreenect by its name or path. Throws what the system says. */
  readonly KinectV1: new (library: string) => KinectV1;
}

export type KinectDriver =
  | {
      readonly state: 'ready';
      readonly driver: KinectV1;
      /** Name or path that it was opened by. */
      readonly library: string;
      /** Whether it plays a recording (libfreenect's fakenect). It ends the process where it does not like one. */
      readonly isFake: boolean;
    }
  | {
      readonly state: 'no-driver' | 'no-addon';
      /** What is missing, and what to do: whole sentences. */
      readonly words: string;
      readonly remedy: string;
    };

/** What libfreenect is called on each system; Homebrew's folders are not searched by macOS itself. */
export const LIBRARIES: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  linux: ['libfreenect.so.0.5', 'libfreenect.so.0', 'libfreenect.so'],
  darwin: ['/opt/homebrew/lib/libfreenect.dylib', '/usr/local/lib/libfreenect.dylib', 'libfreenect.dylib'],
  win32: ['freenect.dll', 'libfreenect.dll'],
};

/** What to do for a Kinect on each system. */
export const DRIVER_REMEDIES: Readonly<Partial<Record<NodeJS.Platform, string>>> = {
  linux:
    'For a Kinect v1 install libfreenect ("sudo apt-get install libfreenect0.5"); its udev rules let the group plugdev use the device ("sudo usermod -aG plugdev $USER", then log in again).',
  darwin: 'For a Kinect v1 install libfreenect with Homebrew: "brew install libfreenect".',
  win32:
    'For a Kinect v1 give it the libusbK driver with Zadig (Xbox NUI Camera) and put freenect.dll on the PATH; for a Kinect v2 install the Kinect for Windows Runtime 2.0.',
};

const ADDON_REMEDY =
  'It is made by "npm run setup" where a C++ compiler, make and Python 3 are installed; only a Kinect v1 needs it.';

/** What is asked of the machine; tests answer in its place. */
export interface LoadOptions {
  /** Libraries to try, in this order; without them those that the system may have. */
  readonly libraries?: readonly string[] | undefined;
  readonly env?: NodeJS.ProcessEnv;
}

/** Loads the addon in `file` and the first libfreenect that works. One thread of a program may: the library is made for one. */
export function loadKinect(file: URL, { libraries, env = process.env }: LoadOptions = {}): KinectDriver {
  if (!isMainThread) throw new Error('a Kinect belongs to the main thread of a process of its own');
  const path = fileURLToPath(file);
  if (!existsSync(path)) {
    return { state: 'no-addon', words: 'The part of Mien for a Kinect v1 was not built.', remedy: ADDON_REMEDY };
  }
  let addon: Addon;
  try {
    addon = createRequire(import.meta.url)(path) as Addon;
  } catch (error) {
    const words = `The part of Mien for a Kinect v1 cannot be loaded (${firstLine(error)}).`;
    return { state: 'no-addon', words, remedy: ADDON_REMEDY };
  }
  const reasons: string[] = [];
  for (const library of libraries ?? LIBRARIES[process.platform] ?? []) {
    try {
      const driver = new addon.KinectV1(library);
      return { state: 'ready', driver, library, isFake: isFake(driver, library, env) };
    } catch (error) {
      const reason = firstLine(error);
      if (!NOT_THERE.test(reason)) reasons.push(`${library}: ${reason}`);
    }
  }
  const words =
    reasons.length === 0
      ? 'libfreenect, the driver of a Kinect v1, is not installed.'
      : `The driver of a Kinect v1 cannot be used (${reasons.join('; ')}).`;
  return { state: 'no-driver', words, remedy: DRIVER_REMEDIES[process.platform] ?? 'Install libfreenect.' };
}

/** How Linux, macOS and Windows (error 126) say that there is no such library; it may also lack one of its own. */
const NOT_THERE = /no such file|image not found|system error 126\b/i;

/** The fake library has the name of the true one; it lies in a folder of its own, is steered by the environment, and lists no devices. */
function isFake(driver: KinectV1, library: string, env: NodeJS.ProcessEnv): boolean {
  return (
    env.FAKENECT_PATH !== undefined ||
    /[\\/]fakenect[\\/]/.test(library) ||
    !driver.extras.includes('list_device_attributes')
  );
}

const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n', 1)[0];
