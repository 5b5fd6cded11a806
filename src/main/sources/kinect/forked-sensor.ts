// The process of a sensor as a child of this one, on the same Node.
import { fork } from 'node:child_process';
import type { Socket } from 'node:net';
import { FrameReader, type PipedFrame } from './frame-pipe.ts';
import type { SensorProcess } from './sensor-process.ts';

const ENTRY = new URL('./forked-entry.ts', import.meta.url);

/** The pipe for pictures, behind the three that every program has and the one for messages. */
export const FRAMES_FD = 4;

/** Starts one. Throws when the system refuses to. `env` is added to the parent's own. */
export function forkSensor(env: NodeJS.ProcessEnv = {}): SensorProcess {
  const child = fork(ENTRY, {
    // Nothing of the parent's: a debugger's port, or a program on the command line of Node, is for the parent alone.
    execArgv: [],
    env: { ...process.env, ...env },
    // What a driver prints is no answer of ours; and lines from the terminal are for the parent.
    stdio: ['ignore', 2, 2, 'ipc', 'pipe'],
  });
  let onExit: (code: number | null) => void = () => undefined;
  let onFrame: (frame: PipedFrame) => void = () => undefined;
  const reader = new FrameReader((frame) => onFrame(frame));
  const frames = child.stdio[FRAMES_FD] as Socket;
  frames.on('data', (piece: Buffer) => reader.push(piece));
  frames.on('error', () => undefined); // the child is gone, which onExit tells
  child.once('error', () => {
    if (child.pid === undefined) onExit(null); // it never began
  });
  child.once('close', (code) => onExit(code)); // unlike "exit", this comes behind the last message
  return {
    pid: child.pid,
    send: (request) => {
      child.send(request, () => undefined); // of one that is gone, onExit tells
    },
    onReply: (listener) => {
      child.on('message', listener);
    },
    onFrame: (listener) => {
      onFrame = listener;
    },
    onExit: (listener) => {
      onExit = listener;
    },
    kill: () => {
      child.kill('SIGKILL');
    },
  };
}
