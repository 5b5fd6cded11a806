// What went wrong with a Kinect, as its user is told.
import { MienError } from '../../contract/errors.ts';
import type { CaptureStatus } from '../../../native/index.ts';

const PLUG =
  'Plug the Kinect into a USB port of its own and its power supply into the wall, wait ten seconds and try again.';

const ACCESS: Readonly<Partial<Record<NodeJS.Platform, string>>> = {
  linux:
    'Close other programs that use it. If there are none, join the group plugdev ("sudo usermod -aG plugdev $USER"), log in again and plug it in anew.',
  win32: 'Close other programs that use it. If there are none, give it the libusbK driver with Zadig.',
};

/** Why a capture has ended by itself. `step` is the function of libfreenect that failed. */
export function failureOf({ step, code }: Pick<CaptureStatus, 'step' | 'code'>): MienError {
  const detail = `${step} returned ${code}`;
  if (step === 'freenect_num_devices') return new MienError('device_missing', 'No Kinect v1 is plugged in.', PLUG);
  if (step === 'freenect_open_device') {
    const remedy = ACCESS[process.platform] ?? 'Close other programs that use it.';
    return new MienError('device_busy', 'The Kinect is there but cannot be opened.', remedy);
  }
  if (step === 'freenect_process_events') {
    return new MienError('device_missing', 'The Kinect was unplugged or does not answer.', PLUG);
  }
  return new MienError('device_missing', `The Kinect does not begin to send pictures (${detail}).`, PLUG);
}

/** The process of the sensor has ended without a word: the driver has crashed it, or somebody has ended it. */
export const crashed = (code: number | null): MienError => {
  const how = code === null ? '' : ` (code ${code})`;
  return new MienError('device_missing', `The driver of the Kinect has stopped unexpectedly${how}.`, PLUG);
};

/** Pictures have stopped to come although nothing has failed. */
export const silent = (): MienError =>
  new MienError('device_missing', 'The Kinect does not send pictures any more.', PLUG);

/** The process of the sensor does not answer. */
export const unanswered = (): MienError =>
  new MienError('device_missing', 'The driver of the Kinect does not answer.', PLUG);
