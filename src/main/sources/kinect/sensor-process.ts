// The process of a sensor as its keeper sees it. How one is started is the host's: Electron has a way of its own.
import type { PipedFrame } from './frame-pipe.ts';
import type { SensorReply, SensorRequest } from './messages.ts';

/** A process that a sensor lives in, from its start on. There is one listener of each kind. */
export interface SensorProcess {
  /** Undefined for one that never began. */
  readonly pid: number | undefined;
  /** Tells it something; one that is gone hears nothing. */
  send(request: SensorRequest): void;
  onReply(listener: (reply: SensorReply) => void): void;
  onFrame(listener: (frame: PipedFrame) => void): void;
  /** Who hears, after the last reply, with which code it has ended; null when it was ended by force. */
  onExit(listener: (code: number | null) => void): void;
  /** Ends it by force, however it is. */
  kill(): void;
}

/** Starts the process of a sensor. May throw. */
export type LaunchSensor = () => SensorProcess;
