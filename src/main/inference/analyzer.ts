// The networks at work, in threads: one looks for faces, one or two estimate expressions, a frame apart.
import './no-telemetry.ts';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { MienError } from '../contract/errors.ts';
import type { Withdrawable } from '../contract/withdrawal.ts';
import type { DepthGeometry } from '../core/depth/frame.ts';
import { frameBytesWith, type PixelFormat } from '../core/frame.ts';
import { Thread } from '../platform/thread.ts';
import { FrameMemory, type MemorySlot } from './frame-memory.ts';
import type { ModelRegistry } from './registry.ts';
import type { Measurements } from './measure.ts';
import { unpackAnswers, unpackFace } from './packing.ts';
import { joinAnswers, sharedOut } from './side-by-side.ts';
import type { FrameAnswer, FrameMessage, ModelMessage, WorkerRequest, WorkerStart } from './protocol.ts';
import type { IdentityNews } from '../core/vision.ts';
import type { Analyzer, AnalyzerOptions, FrameAnalysis, FrameSlot, SlottedFrame } from '../engine/ports.ts';

type Worker = Thread<WorkerRequest>;

const VISION_WORKER = new URL('./vision-worker.ts', import.meta.url);
const EXPRESSION_WORKER = new URL('./expression-worker.ts', import.meta.url);

/**
 * Frames under way: one being read, one looked at, one estimated, one waiting so that nobody does, and as many whose answers go
 * together. Huge pictures come singly.
 */
const SLOTS = 8;
const HUGE_FRAME = 64 * 2 ** 20;
const NO_NEWS: IdentityNews = { segments: [], persons: [] };
const LARGEST_FRAME = 900 * 2 ** 20;
/** The sampler counts in 16 bits. */
const LONGEST_SIDE = 32_767;

export class WorkerAnalyzer implements Analyzer {
  readonly #vision: Worker;
  readonly #expression: readonly Worker[];
  readonly #problems = new Set<string>();
  #memory: FrameMemory | null = null;
  #waiting: (() => void)[] = [];
  /** The answer before. */
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(vision: Worker, expression: readonly Worker[]) {
    this.#vision = vision;
    this.#expression = expression;
  }

  /**
   * Reads the profile's models, starts the workers and waits until they can work. For measuring, workers note what everything
   * takes.
   */
  static async start(
    registry: ModelRegistry,
    options: AnalyzerOptions,
    { measured = false } = {},
  ): Promise<WorkerAnalyzer> {
    const { vision, members } = options.profile;
    const wanted = [vision.detector, vision.mesh, vision.occlusion];
    if (options.identification) wanted.push(vision.embedder);
    const message = async (id: string): Promise<ModelMessage> => ({
      id,
      entry: registry.entry(id),
      bytes: await registry.bytes(id),
    });
    const [visionModels, expressionModels] = await Promise.all([
      Promise.all(wanted.map(message)),
      Promise.all(members.map((member) => message(member.model))),
    ]);
    const stop = { kind: 'stop' } as const;
    const startWorker = (file: URL, models: readonly ModelMessage[], channels: readonly MessagePort[]): Worker => {
      const start: WorkerStart = { models, options, measured, channels };
      return new Thread(file, start, stop, channels);
    };
    const groups = sharedOut(expressionModels).map((models) => ({ models, channel: new MessageChannel() }));
    const ends = groups.map(({ channel }) => channel.port1);
    const looking = startWorker(VISION_WORKER, visionModels, ends);
    const estimating = groups.map(({ models, channel }) => startWorker(EXPRESSION_WORKER, models, [channel.port2]));
    looking.answeredBy(estimating, (answers) => joinAnswers(answers as FrameAnswer[]));
    const analyzer = new WorkerAnalyzer(looking, estimating);
    try {
      await Promise.all([looking, ...estimating].map((worker) => worker.call({ kind: 'ready' })));
      return analyzer;
    } catch (error) {
      await analyzer.close();
      throw error;
    }
  }

  get problems(): readonly string[] {
    return [...this.#problems];
  }

  readonly allocate = async (
    format: PixelFormat,
    width: number,
    height: number,
    depth?: DepthGeometry,
  ): Promise<FrameSlot> => {
    const bytes = frameBytesWith(depth, format, width, height);
    if (bytes > LARGEST_FRAME || Math.max(width, height) > LONGEST_SIDE) {
      const remedy = 'Reduce the picture and try again.';
      throw new MienError('input_unsupported', `A picture of ${width} × ${height} pixels is too large.`, remedy);
    }
    const slots = bytes > HUGE_FRAME ? 1 : SLOTS;
    for (;;) {
      const memory = this.#memory;
      if (memory && memory.slotBytes >= bytes && memory.slots >= slots) {
        const slot = memory.take();
        if (slot) return slot;
      } else if (!memory || memory.isIdle) {
        // Pictures of a folder may grow one by one: memory grows in leaps, not with each.
        await this.#use(this.#memoryOf(slots, memory ? 2 ** Math.ceil(Math.log2(bytes)) : bytes));
        continue;
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  };

  release(slot: FrameSlot): void {
    this.#memory?.give(slot as MemorySlot);
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  async enrol(code: string, picture: SlottedFrame): Promise<number> {
    return (await this.#vision.call({ kind: 'enrol', code, frame: messageOf(picture) })) as number;
  }

  async analyze(frame: SlottedFrame, inputsOf: readonly number[] = []): Promise<FrameAnalysis> {
    const asked = this.#vision.call({ kind: 'look', frame: messageOf(frame), inputsOf }) as Promise<FrameAnswer>;
    // A frame without faces is answered by the first worker, and would overtake those that the second one has.
    const answered = Promise.allSettled([asked, this.#turn]).then(() => asked);
    this.#turn = answered.catch(() => undefined); // whoever asked is told
    const answer = await answered;
    const { faces, searched, cut, news, problems } = answer;
    for (const problem of problems) this.#problems.add(problem);
    const analysed = faces.filter((face) => face.isAnalysed).length;
    const members = unpackAnswers(answer.answers, analysed);
    let next = 0;
    return {
      report: { sequence: frame.sequence, searched, cut, faces: faces.map(unpackFace) },
      news: news ?? NO_NEWS,
      answers: faces.map((face) => (face.isAnalysed ? members[next++] : null)),
      inputs: answer.inputs,
    };
  }

  async assign(track: number, participant: string | null): Promise<boolean> {
    return (await this.#vision.call({ kind: 'assign', track, participant })) as boolean;
  }

  async withdraw(participant: string, scope: Withdrawable): Promise<void> {
    await this.#vision.call({ kind: 'withdraw', participant, scope });
  }

  async finish(): Promise<IdentityNews> {
    return (await this.#vision.call({ kind: 'finish' })) as IdentityNews;
  }

  async settle(): Promise<IdentityNews> {
    return (await this.#vision.call({ kind: 'settle' })) as IdentityNews;
  }

  /** Measured workers only: forgets or tells what was measured, of the vision worker first. */
  async measure(what: 'reset' | 'measurements'): Promise<readonly [Measurements, ...Measurements[]]> {
    const request = { kind: 'measure', what } as const;
    const answers = await Promise.all([this.#vision, ...this.#expression].map((worker) => worker.call(request)));
    return answers as [Measurements, ...Measurements[]];
  }

  /**
   * Measured workers only: the runs of the networks since the last reset once more, with nothing around them but the messages
   * that ask for them, the workers a frame apart as in use. `indices` are the numbers of the requests that made them; one
   * that never was costs its messages only.
   */
  async replay(indices: Iterable<number>): Promise<void> {
    let expressing: Promise<unknown> = Promise.resolve();
    for (const index of indices) {
      await this.#vision.call({ kind: 'replay', index });
      await expressing;
      expressing = Promise.all(this.#expression.map((worker) => worker.call({ kind: 'replay', index })));
    }
    await expressing;
  }

  /** Stops the workers when they have finished what they do: first the one that gives the others their work. */
  async close(): Promise<void> {
    try {
      await this.#vision.stop();
    } finally {
      await Promise.all(this.#expression.map((worker) => worker.stop()));
    }
  }

  #memoryOf(slots: number, bytes: number): FrameMemory {
    return new FrameMemory(slots, bytes, 1 + this.#expression.length);
  }

  async #use(memory: FrameMemory): Promise<void> {
    this.#memory = memory;
    const workers = [this.#vision, ...this.#expression];
    await Promise.all(
      workers.map((worker, i) => worker.call({ kind: 'memory', memory: memory.memory, ...memory.arena(i) })),
    );
  }
}

function messageOf(frame: SlottedFrame): FrameMessage {
  const { sequence, timeMs, width, height, format, colorSpace, depth } = frame;
  const { address } = frame.slot as MemorySlot;
  const message = { address, sequence, timeMs, width, height, format, colorSpace };
  return depth ? { ...message, depth } : message;
}
