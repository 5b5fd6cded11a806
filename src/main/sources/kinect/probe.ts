// Which Kinect drivers and devices there are, asked in a process of its own: a driver that does not like what it finds ends it.
import { errorOf, reportOf } from '../../contract/errors.ts';
import { crashed, unanswered } from './failures.ts';
import type { DriverReport } from './messages.ts';
import type { LaunchSensor } from './sensor-process.ts';

/** A driver that looks for devices asks every USB port. */
const MOST_MS = 15_000;

export interface ProbeOptions {
  readonly launch: LaunchSensor;
  /** Libraries to try in place of the system's. */
  readonly libraries?: readonly string[];
}

/** What there is for a Kinect v1. Throws what the driver says, device_missing where it says nothing. */
export function probeKinect({ launch, libraries }: ProbeOptions): Promise<DriverReport> {
  return new Promise((resolve, reject) => {
    const process = launch();
    let failure = null as Error | null;
    const timer = setTimeout(() => {
      failure = unanswered();
      process.kill();
    }, MOST_MS);
    process.onReply((reply) => {
      if (reply.kind === 'listed') resolve(reply.report);
      else if (reply.kind === 'failed') failure = errorOf(reply.error);
    });
    process.onExit((code) => {
      clearTimeout(timer);
      reject(failure ?? crashed(code)); // behind an answer this says nothing
    });
    process.send({ kind: 'list', ...(libraries && { libraries }) });
  });
}

/** The same, with an error as a state: for those who only want to tell. */
export async function describeKinect(options: ProbeOptions): Promise<DriverReport> {
  try {
    return await probeKinect(options);
  } catch (error) {
    const { message, remedy } = reportOf(error);
    return { state: 'no-driver', words: message, remedy, devices: [] };
  }
}
