// Runs a program in the place of this one. Plain JavaScript, as bootstrap.mjs is, which needs it.
import { spawn } from 'node:child_process';

/** Signals that reach this program alone; a terminal tells the child of Ctrl-C itself. */
const PASSED_ON = ['SIGTERM', 'SIGHUP'];
/** So often it is looked whether npm is there. */
const LOOK_MS = 500;

const PARENT = process.ppid;

/**
 * Starts a program and ends with it, when it has ended; `onEnd` may do something else than that. Whoever ends this program means the
 * child, and so does whoever ends npm: its shell dies of that without a word to us, and leaves us to somebody else.
 */
export function runChild(program, args, cwd, onEnd = () => false) {
  const startMs = performance.now();
  const child = spawn(program, args, { cwd, stdio: 'inherit' });
  const passOn = (signal) => child.kill(signal);
  for (const signal of PASSED_ON) process.on(signal, passOn);
  const looking = setInterval(() => {
    if (!process.env.npm_lifecycle_event || process.ppid === PARENT) return;
    clearInterval(looking); // once: the child may take its time
    passOn('SIGTERM');
  }, LOOK_MS).unref();
  const end = (code, signal) => {
    clearInterval(looking);
    for (const passed of PASSED_ON) process.off(passed, passOn);
    if (!onEnd({ code, signal, afterMs: performance.now() - startMs })) process.exit(signal ? 1 : (code ?? 1));
  };
  child.once('error', () => end(127, null));
  child.once('exit', end);
}
