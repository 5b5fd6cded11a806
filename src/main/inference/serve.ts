// What both inference threads have in common: memory, kernel, frames, and the end.
import { workerData } from 'node:worker_threads';
import { Arena, type SampleKernel } from '../core/sample.ts';
import { serveThread } from '../platform/thread.ts';
import { instantiateKernel } from './kernel.ts';
import { Recorder } from './measure.ts';
import { frameIn, type FrameMessage, type WorkerRequest, type WorkerStart } from './protocol.ts';
import type { Frame } from '../core/frame.ts';
import type { Network } from '../core/networks.ts';

export interface Stage {
  attach(kernel: SampleKernel, arena: Arena): void;
  /** Answers what is about frames; `id` is the request's number. */
  answer(request: WorkerRequest, id: number, frameOf: (message: FrameMessage) => Frame): Promise<unknown>;
  release(): Promise<void>;
}

/**
 * Serves requests with the stage that `load` makes. `load` gets a function through which every network must go: it measures
 * them where that was asked for. `takesForwarded`: requests also come through the channel from the vision thread.
 */
export function serve(
  load: (start: WorkerStart, noted: (id: string, network: Network) => Network) => Promise<Stage>,
  takesForwarded: boolean,
): void {
  const start = workerData as WorkerStart;
  const recorder = start.measured ? new Recorder() : null;
  const loading = load(start, (id, network) => recorder?.network(id, network) ?? network);
  loading.catch(() => undefined); // the first request reports it
  let memory: WebAssembly.Memory | null = null;

  const answer = async (request: WorkerRequest, id: number): Promise<unknown> => {
    if (request.kind === 'stop') return (await loading.catch(() => null))?.release();
    const stage = await loading;
    switch (request.kind) {
      case 'ready':
        return null;
      case 'memory':
        memory = request.memory;
        stage.attach(instantiateKernel(memory), new Arena(memory.buffer, request.start, request.end));
        return null;
      case 'measure':
        if (request.what === 'measurements') return recorder?.measurements();
        recorder?.reset();
        return null;
      case 'replay':
        return recorder?.replay(request.index);
      default: {
        const answerNow = (): Promise<unknown> => stage.answer(request, id, frameOf);
        return recorder ? recorder.request(request.kind, answerNow) : answerNow();
      }
    }
  };
  const frameOf = (message: FrameMessage): Frame => {
    if (!memory) throw new Error('a frame came before its memory');
    return frameIn(memory, message);
  };
  const isLast = (request: WorkerRequest): boolean => request.kind === 'stop';
  serveThread(answer, isLast, takesForwarded ? start.channels[0] : null);
}
