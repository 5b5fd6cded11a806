// Ctrl-C: once to stop in good order, twice to stop at once.
import { note } from './terminal.ts';

/** Aborts `stop` at the first interrupt and says `words`; the second ends the program at once. Returns what undoes it. */
export function stopOnInterrupt(stop: AbortController, words: string): () => void {
  const onSignal = (): void => {
    // Not exit(): networks that are running abort the program then, with words of their own. What was stored stays.
    if (stop.signal.aborted) process.kill(process.pid, 'SIGKILL');
    stop.abort();
    note(`\n${words} Press Ctrl-C again to stop at once.`);
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return () => {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  };
}
